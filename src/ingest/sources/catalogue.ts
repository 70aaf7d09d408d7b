// All files that a job knows, each under a small name of its own: which of them a path leads to, and what becomes of them.
import { realpath } from 'node:fs/promises';
import { SluiceError, systemCode } from '../../errors.ts';
import type { InputChunk } from '../../stage/stage.ts';
import type { Positions } from '../../state/offsets-log.ts';
import { FileInput } from './file-input.ts';
import { fingerprint, hasHead, headAt, identityOf, isSameInode } from './identity.ts';
import type { Found } from './file-system.ts';
import { findFile, inodesBeside } from './rotated.ts';

export type CatalogueSettings = {
  readonly positions: Positions;
  /** Names that the log has for files which are not known any more. */
  readonly used?: Iterable<string>;
  /** Files stay open, so that they are read to their end whatever becomes of their names. */
  readonly isFollowing: boolean;
  /** So many milliseconds after the last write a file that was rotated away is over: writers are told some time after it. */
  readonly grace?: number;
  /** About so many bytes are read of a file before the next one has its turn. */
  readonly turn?: number;
  readonly warn: (message: string) => void;
};

/** So many files that were rotated away and read are known, so that they are not taken for new ones. */
const keptPerPath = 16;

export class Catalogue {
  readonly #settings: CatalogueSettings;
  readonly #known = new Map<string, FileInput>();
  #next = 1;
  #last: FileInput | undefined;
  readonly #told = new Set<string>();
  /** Bytes read so far. */
  taken = 0;

  constructor(settings: CatalogueSettings) {
    this.#settings = settings;
    for (const id of [...Object.keys(settings.positions), ...(settings.used ?? [])])
      this.#next = Math.max(this.#next, Number(/^f(\d+)$/.exec(id)?.[1] ?? 0) + 1);
    for (const [id, position] of Object.entries(settings.positions)) {
      const identity = identityOf(position);
      if (identity) this.#known.set(id, new FileInput(id, identity.path, identity.path, position, identity));
    }
  }

  /** Those that are read for a path, in the order in which they came to be. */
  of(path: string): FileInput[] {
    const inputs = Array.from(this.#known.values()).filter(({ identity }) => identity.path === path);
    return inputs.sort((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
  }

  /** The paths that files are read for. */
  get paths(): Set<string> {
    return new Set(Array.from(this.#known.values(), ({ identity }) => identity.path));
  }

  /** The paths of those that are not over. */
  get unfinished(): string[] {
    return Array.from(this.#known.values()).flatMap(({ isOver, identity }) => (isOver ? [] : identity.path));
  }

  /** What is there, known or new. It is read for `path`, and messages call it `name`. */
  async at(found: Found, path: string, name: string): Promise<FileInput> {
    for (const input of this.#known.values()) {
      if (!(await input.isAt(found))) continue;
      if (!input.isOpen && input.path !== found.path) await input.moveTo(found);
      return input;
    }
    const { dev: device, ino: inode, mtimeMs: modified } = found.status;
    const target = await realpath(found.path).catch(() => found.path);
    const head = fingerprint(Buffer.alloc(0));
    const identity = { path, target, device, inode, head, headLength: 0, modified };
    const input = new FileInput(`f${this.#next}`, name, found.path, { offset: 0 }, identity);
    this.#next += 1;
    this.#known.set(input.id, input);
    return input;
  }

  /** True where what is there has been read for `readFor`: it is a known file, or a copy of one. */
  async isKnown({ path, status }: Found, readFor: string): Promise<boolean> {
    const { head, isPacked } = await headAt(path);
    return this.of(readFor).some(({ identity, offset, isOver }) => {
      if (!hasHead(head, identity)) return false;
      if (isSameInode(identity, status)) return true;
      // Other logs may begin with the same lines.
      const fits = isPacked || (isOver ? status.size === offset : status.size >= offset);
      return identity.headLength > 0 && fits;
    });
  }

  /** Looks for a file that is not where it was. Returns whether it is there. */
  async locate(input: FileInput): Promise<boolean> {
    const found = await findFile(input.identity, input.offset);
    if (found) await input.moveTo(found);
    return found !== undefined;
  }

  /** What is new in a file. */
  async *read(input: FileInput): AsyncGenerator<InputChunk> {
    const { isFollowing, turn = 8 * 1024 * 1024 } = this.#settings;
    try {
      for await (const chunk of input.read(
        this.#last === input,
        isFollowing ? turn : Number.POSITIVE_INFINITY,
      )) {
        this.#last = input;
        this.taken += chunk.bytes?.length ?? 0;
        yield chunk;
      }
    } catch (error) {
      this.passOver(error);
      // A packed file that somebody is still writing is read on once it has changed.
      input.isDrained = error instanceof SluiceError && error.exit === 'badData';
    } finally {
      if (!isFollowing) await input.close();
    }
  }

  /** Nothing is read of it any more, unless somebody writes to it yet. Returns whether that is so. */
  async *retire(input: FileInput): AsyncGenerator<InputChunk, boolean> {
    if (!input.isDrained || !(await input.isQuiet(this.#settings.grace ?? 5000))) return false;
    yield* this.finish(input, 'over');
    return true;
  }

  /** A last line without its end is one. */
  async *finish(input: FileInput, mark?: 'over' | 'gone'): AsyncGenerator<InputChunk> {
    // A line that was begun is read again where something else came in between.
    if (mark !== 'gone' && this.#last !== input) yield* this.read(input);
    this.#last = undefined;
    yield input.finish(mark);
    if (mark) await input.close();
    if (mark === 'gone') this.#known.delete(input.id);
  }

  /** Files that are over need not be known any more once they are gone from the disk, or long since. */
  async *forgetOver(path: string): AsyncGenerator<InputChunk> {
    const over = this.of(path).filter(({ isOver }) => isOver);
    const there = await inodesBeside(path);
    for (const [index, input] of over.entries()) {
      const isOld = index < over.length - keptPerPath;
      const { device, inode } = input.identity;
      if (!isOld && (there.has(`${device} ${inode}`) || (await findFile(input.identity, input.offset))))
        continue;
      yield* this.finish(input, 'gone');
    }
  }

  /** Each message once. */
  warn(message: string): void {
    if (!this.#told.has(message)) this.#settings.warn(message);
    this.#told.add(message);
  }

  /** Who follows goes on: what cannot be read now may be read later. Throws `error` where that is vain. */
  passOver(error: unknown): void {
    const isVain = !(error instanceof SluiceError) || !['noInput', 'badData'].includes(error.exit);
    if (isVain || !this.#settings.isFollowing) throw error;
    if (systemCode(error.cause) !== 'ENOENT') this.warn(error.message);
  }

  /** What is new of something, or nothing where it cannot be read now. */
  async *unlessUnreadable(chunks: AsyncGenerator<InputChunk, boolean>): AsyncGenerator<InputChunk, boolean> {
    try {
      return yield* chunks;
    } catch (error) {
      this.passOver(error);
      return true;
    }
  }

  async close(): Promise<void> {
    for (const input of this.#known.values()) await input.close();
  }
}
