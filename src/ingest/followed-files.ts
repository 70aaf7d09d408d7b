// The files that operands stand for, looked at again and again: which there are by now, and what is new in them.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SluiceError } from '../errors.ts';
import type { InputChunk } from '../stage/stage.ts';
import type { Catalogue } from './sources/catalogue.ts';
import { openFile } from './sources/file.ts';
import { FollowedPath } from './sources/followed-path.ts';
import type { Operand } from './sources/registry.ts';
import { regularFile } from './sources/file-system.ts';
import type { Source } from './sources/source.ts';

export class FollowedFiles {
  readonly #catalogue: Catalogue;
  readonly #paths = new Map<string, FollowedPath>();
  readonly #streams = new Map<Operand, readonly Source[]>();
  /** Files that are read once and were: path → which file. */
  readonly #done = new Map<string, string>();
  /** Paths that were looked at in this round. */
  #seen = new Set<string>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** Before anything is read: whether all can be read. Throws SluiceError('noInput'). */
  async check(operand: Operand): Promise<void> {
    const { text, kind } = operand;
    if (!kind.paths) return void this.#streams.set(operand, await kind.open(text));
    const paths = await kind.paths(text);
    if (paths.length === 0 && !kind.isReadOnce && this.#catalogue.paths.size === 0)
      throw new SluiceError('noInput', `no file matches '${text}'`);
    const streams: Source[] = [];
    for (const path of paths) {
      const isKnown = this.#catalogue.of(resolve(path)).length > 0;
      const source = isKnown && !(await exists(path)) ? undefined : await openFile(path);
      if (source && source.size === undefined) streams.push(source);
    }
    this.#streams.set(operand, streams);
  }

  /** What of an operand is no regular file, and so can be read once only. */
  streamsOf(operand: Operand): readonly Source[] {
    return this.#streams.get(operand) ?? [];
  }

  /** Before anything is followed: whether it can be. Returns whether it is there yet. Throws SluiceError('usage'). */
  async checkFollowed({ text, kind }: Operand): Promise<boolean> {
    if (!kind.paths)
      throw new SluiceError('usage', '--follow needs files', 'standard input is read as it comes without it');
    const statuses = await Promise.all(
      (await this.#pathsOf(kind, text)).map(async (path) => ({
        path,
        status: await stat(path).catch(() => undefined),
      })),
    );
    for (const { path, status } of statuses) {
      if (status?.isDirectory()) await openFile(path);
      if (status && !status.isFile())
        throw new SluiceError(
          'usage',
          `${path} is no file that can be followed`,
          'without --follow it is read as it comes',
        );
    }
    return statuses.some(({ status }) => status);
  }

  /** What is new in the files of an operand. Returns whether that was all. */
  async *read(operand: Operand): AsyncGenerator<InputChunk, boolean> {
    const { text, kind } = operand;
    let isAll = true;
    for (const path of await this.#pathsOf(kind, text)) {
      if (this.streamsOf(operand).some(({ name }) => name === path)) continue;
      this.#seen.add(resolve(path));
      const chunks = kind.isReadOnce ? this.#readOnce(path) : this.#followed(path).read();
      isAll = (yield* this.#catalogue.unlessUnreadable(chunks)) && isAll;
    }
    return isAll;
  }

  /** None where they cannot be listed now and may be later. */
  async #pathsOf(kind: Operand['kind'], text: string): Promise<string[]> {
    try {
      return (await kind.paths?.(text)) ?? [];
    } catch (error) {
      this.#catalogue.passOver(error);
      return [];
    }
  }

  /** What is new in files that no operand stands for any more, since nothing is at their paths. */
  async *readRest(): AsyncGenerator<InputChunk, boolean> {
    let isAll = true;
    for (const path of new Set([...this.#paths.keys(), ...this.#catalogue.unfinished])) {
      if (this.#seen.has(path) || (await exists(path))) continue;
      const followed = this.#followed(path);
      isAll = (yield* followed.read()) && isAll;
      if (followed.isOver) this.#paths.delete(path);
    }
    for (const path of this.#done.keys()) {
      if (this.#seen.has(path)) continue;
      this.#done.delete(path);
      yield* this.#catalogue.forgetOver(path);
    }
    this.#seen = new Set();
    return isAll;
  }

  /** Nothing comes any more: a last line without its end is one. */
  async *finish(): AsyncGenerator<InputChunk> {
    for (const path of this.#paths.values()) yield* path.finish();
  }

  #followed(name: string): FollowedPath {
    const path = resolve(name);
    const followed = this.#paths.get(path) ?? new FollowedPath(name, this.#catalogue);
    this.#paths.set(path, followed);
    return followed;
  }

  async *#readOnce(name: string): AsyncGenerator<InputChunk, boolean> {
    const found = await regularFile(name);
    if (!found) return true;
    const path = resolve(name);
    const { dev, ino, mtimeMs, size } = found.status;
    const file = [dev, ino, mtimeMs, size].join(' ');
    if (this.#done.get(path) === file) return true;
    const input = await this.#catalogue.at(found, path, name);
    if (!input.isOver) {
      yield* this.#catalogue.read(input);
      if (!input.isDrained) return false;
      yield* this.#catalogue.finish(input, 'over');
    }
    this.#done.set(path, file);
    return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
