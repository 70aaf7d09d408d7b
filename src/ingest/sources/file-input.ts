// One file that is read on and on, whatever it is called by now. Its place is a byte of what it holds, unpacked.
import type { Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Position } from '../../envelope/envelope.ts';
import { cannotRead, messageOf, SluiceError } from '../../errors.ts';
import type { InputChunk } from '../../stage/stage.ts';
import { gunzipIfNeeded } from './gzip.ts';
import {
  bytesOf,
  fingerprint,
  hasHead,
  headAt,
  isSameInode,
  readHead,
  type FileIdentity,
} from './identity.ts';
import type { Found } from './file-system.ts';

const newline = 0x0a;
const chunkSize = 768 * 1024;
/** One for all: a chunk is good until the next one is asked for. */
let buffer: Buffer | undefined;

export class FileInput {
  readonly id: string;
  /** What messages call it. */
  readonly name: string;
  identity: FileIdentity;
  /** Where it is by now. */
  path: string;
  /** Behind the last whole line that was read, and how many records behind that an earlier run had. */
  #lineEnd: number;
  #skip: number;
  /** Behind the last byte that was read. */
  #at: number;
  #file: FileHandle | undefined;
  #lastSeen: Stats | undefined;
  /** False where something may have happened between the last look for copies and when it was found empty. */
  #isSettled = false;
  /** All that is there was read. */
  isDrained = false;
  /** Nothing more is read of it. */
  isOver: boolean;

  constructor(
    id: string,
    name: string,
    path: string,
    { offset, skip = 0, over }: Position,
    identity: FileIdentity,
  ) {
    this.id = id;
    this.name = name;
    this.path = path;
    this.identity = identity;
    this.#lineEnd = offset;
    this.#at = offset;
    this.#skip = skip;
    this.isOver = over ?? false;
  }

  /** Bytes of it that were read, as whole lines. */
  get offset(): number {
    return this.#lineEnd;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** True where it has not been touched since it was read. */
  isUnchanged(status: Stats): boolean {
    const last = this.#lastSeen;
    if (!this.isDrained || !last || !this.#isSettled) return false;
    return isSameInode(this.identity, status) && last.size === status.size && last.mtimeMs === status.mtimeMs;
  }

  /** Whether it is this file and holds what was read of it: else it was begun anew, or has the inode of one that is gone. */
  async isAt({ path, status }: Found): Promise<boolean> {
    if (!isSameInode(this.identity, status)) return false;
    const { head, isPacked } = await headAt(path);
    return (isPacked || status.size >= this.#lineEnd) && hasHead(head, this.identity);
  }

  /** It was renamed, or what it held was copied to there. */
  async moveTo({ path, status }: Found): Promise<void> {
    await this.close();
    this.path = path;
    this.#at = this.#lineEnd;
    this.identity = { ...this.identity, device: status.dev, inode: status.ino };
  }

  /**
   * What is new, at most about `limit` bytes. `isContinued`: nothing else was read since. Nothing, and it is not drained, where
   * it is not this file that is found. Throws SluiceError where it cannot be read.
   */
  async *read(isContinued: boolean, limit: number): AsyncGenerator<InputChunk> {
    this.isDrained = false;
    const file = await this.#open();
    const status = await this.#attempt(() => file.stat());
    const { head, isPacked } = await this.#attempt(() => readHead(file));
    if (!isSameInode(this.identity, status) || !hasHead(head, this.identity)) return this.close();
    this.#learn(head);
    // While nothing is known of it, what is newer than when it was first seen may be a copy of it.
    if (head.length > 0) this.identity = { ...this.identity, modified: status.mtimeMs };
    this.#isSettled = head.length > 0 || this.#lastSeen?.mtimeMs === status.mtimeMs;
    // A line that has begun is forgotten where something else is read.
    if (!isContinued) this.#at = this.#lineEnd;
    const limitAt = isPacked ? Number.POSITIVE_INFINITY : this.#at + limit;
    // Also where it turns out to be damaged: it is looked at again once it has changed.
    this.#lastSeen = status;
    for await (const bytes of isPacked ? this.#unpacked(file) : this.#plain(file)) {
      const place = this.#place();
      this.#pass(bytes);
      yield { source: this, place, bytes };
      if (this.#at >= limitAt) return;
    }
    this.isDrained = true;
  }

  /** What there is of it by now tells it from others, also before all of it is read. Returns false where it was begun anew. */
  async look(): Promise<boolean> {
    const { head } = await readHead(await this.#open());
    const isItself = hasHead(head, this.identity);
    if (isItself) this.#learn(head);
    return isItself;
  }

  #learn(head: Buffer): void {
    this.identity = { ...this.identity, head: fingerprint(head), headLength: head.length };
  }

  /** A last line without its end is one. `mark` says what the job has to know of it from now on. */
  finish(mark?: 'over' | 'gone'): InputChunk {
    const place = { ...this.#place(), ...(mark && { [mark]: true }) };
    this.#lineEnd = this.#at;
    if (mark) this.isOver = true;
    return { source: this, place };
  }

  /** True where nobody has written to it for so many milliseconds. */
  async isQuiet(milliseconds: number): Promise<boolean> {
    const file = await this.#open();
    const status = await this.#attempt(() => file.stat());
    // A clock may be off, such as that of a file server.
    return Math.abs(Date.now() - status.mtimeMs) >= milliseconds;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #place(): NonNullable<InputChunk['place']> {
    const skip = this.#skip > 0 && { skip: this.#skip };
    return { id: this.id, offset: this.#at, ...skip, file: { ...this.identity } };
  }

  #pass(bytes: Buffer): void {
    const lineEnd = bytes.lastIndexOf(newline) + 1;
    if (lineEnd > 0) {
      this.#lineEnd = this.#at + lineEnd;
      this.#skip = 0;
    }
    this.#at += bytes.length;
  }

  async *#plain(file: FileHandle): AsyncGenerator<Buffer> {
    buffer ??= Buffer.allocUnsafeSlow(chunkSize);
    for (;;) {
      const into = buffer;
      const { bytesRead } = await this.#attempt(() => file.read(into, 0, chunkSize, this.#at));
      if (bytesRead === 0) return;
      const { head } = await this.#attempt(() => readHead(file));
      // Emptied since, and filled beyond this place: what was read is from within another line.
      if (!hasHead(head, this.identity)) return;
      yield into.subarray(0, bytesRead);
    }
  }

  /** From its beginning, which is passed over: nobody can begin in the middle. */
  async *#unpacked(file: FileHandle): AsyncGenerator<Buffer> {
    const from = this.#at;
    let passed = 0;
    for await (const bytes of gunzipIfNeeded(bytesOf(file), this.path)) {
      const known = Math.min(bytes.length, Math.max(0, from - passed));
      passed += bytes.length;
      if (known < bytes.length) yield bytes.subarray(known);
    }
  }

  async #open(): Promise<FileHandle> {
    this.#file ??= await open(this.path).catch((error: unknown) => {
      throw cannotRead(this.name, error);
    });
    return this.#file;
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw new SluiceError('inputOutput', `cannot read ${this.name}: ${messageOf(error)}`, undefined, error);
    }
  }
}
