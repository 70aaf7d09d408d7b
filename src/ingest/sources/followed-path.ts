// What is read at one path, by name as `tail -F`: the file that is there, and before it those that were there and are still
// being finished.
import { stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { cannotRead, systemCode } from '../../errors.ts';
import type { InputChunk } from '../../stage/stage.ts';
import type { Catalogue } from './catalogue.ts';
import type { FileInput } from './file-input.ts';
import type { Found } from './file-system.ts';
import { headAt } from './identity.ts';
import { rotatedFrom } from './rotated.ts';

export class FollowedPath {
  readonly #name: string;
  readonly #path: string;
  readonly #catalogue: Catalogue;
  /** In order; the last is the one at the path, if there is one. */
  #line: readonly FileInput[];

  /** It goes on with what is known of the path. */
  constructor(name: string, catalogue: Catalogue) {
    this.#name = name;
    this.#path = resolve(name);
    this.#catalogue = catalogue;
    this.#line = catalogue.of(this.#path).filter(({ isOver }) => !isOver);
  }

  /** True where nothing is left to be read. */
  get isOver(): boolean {
    return this.#line.length === 0;
  }

  /** What is new. Returns whether that was all. Throws SluiceError where it cannot be read. */
  async *read(): AsyncGenerator<InputChunk, boolean> {
    const status = await statusOf(this.#path);
    const current = this.#line.at(-1);
    if (status && this.#line.length === 1 && current?.isUnchanged(status)) return true;
    yield* this.#look(status);
    for (const input of this.#line) {
      yield* this.#catalogue.read(input);
      if (!input.isDrained) return false;
      if (status && input === this.#line.at(-1)) continue;
      if (yield* this.#catalogue.retire(input)) this.#drop(input);
    }
    return true;
  }

  /** Nothing comes any more: a last line without its end is one. */
  async *finish(): AsyncGenerator<InputChunk> {
    for (const input of this.#line) yield* this.#catalogue.finish(input);
  }

  /** Which file is at the path by now, and where are those that were. */
  async *#look(status: Stats | undefined): AsyncGenerator<InputChunk> {
    const before = this.#line.at(-1);
    const isStill = before && status && (await before.isAt({ path: this.#path, status }));
    for (const input of this.#line) {
      // An open file is read to its end, also where it has no name any more.
      const isBegunAnew = input === before && !isStill && status?.ino === input.identity.inode;
      if (input === before && isStill) continue;
      // Also one that was emptied, written to again and renamed since.
      if (input.isOpen && !isBegunAnew && (await input.look())) continue;
      if (await this.#catalogue.locate(input)) continue;
      if (input === before && status && input.offset > 0)
        this.#catalogue.warn(
          `${this.#name} was begun anew: what was written to it before and not read yet is lost`,
        );
      this.#drop(input);
      yield* this.#catalogue.finish(input, 'gone');
    }
    if (!status) return;
    if (isStill) {
      if (before.identity.headLength > 0 || before.isUnchanged(status)) return;
      // Nothing tells that it was written to, copied and emptied, but a copy that is not one of what it holds now.
      await before.look();
      const { head } = await headAt(this.#path);
      await this.#addRotated(async ({ path, status: { mtimeMs: modified } }) => {
        if (modified <= before.identity.modified) return false;
        const other = await headAt(path);
        // One that is still being made is a beginning of what is there.
        return other.head.length > 0 && !head.subarray(0, other.head.length).equals(other.head);
      });
      this.#add(before);
      return;
    }
    // What was read last may be over, and what came after it rotated away before anything of it was read.
    const former = before ?? this.#catalogue.of(this.#path).at(-1);
    if (former) {
      yield* this.#catalogue.forgetOver(this.#path);
      // What packs a file may round its time.
      const since = Math.floor(former.identity.modified);
      await this.#addRotated((found) => found.status.mtimeMs >= since);
    }
    this.#add(await this.#catalogue.at({ path: this.#path, status }, this.#path, this.#name));
  }

  /** What was rotated away, fits, and is not known. */
  async #addRotated(fits: (found: Found) => boolean | Promise<boolean>): Promise<void> {
    for (const found of await rotatedFrom(this.#path))
      if ((await fits(found)) && !(await this.#catalogue.isKnown(found, this.#path)))
        this.#add(await this.#catalogue.at(found, this.#path, found.path));
  }

  #add(input: FileInput): void {
    this.#drop(input);
    input.isOver = false;
    this.#line = [...this.#line, input];
  }

  #drop(input: FileInput): void {
    this.#line = this.#line.filter((other) => other !== input);
  }
}

/** Undefined where there is nothing. Throws SluiceError('noInput'). */
async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw cannotRead(path, error);
  }
}
