// The file of a job that keeps state: rows are added to it, each batch once. What a crash left behind the last commit is cut
// off when the job goes on.
import { fsyncSync } from 'node:fs';
import { once } from 'node:events';
import { open, truncate, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { cannotWrite, messageOf, SluiceError, systemCode } from '../../errors.ts';

export class GrowingFile {
  readonly #path: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  readonly stream: Writable;
  /** Bytes. */
  #committed: number;
  /** True where the job's earlier rows are in it. */
  readonly goesOn: boolean;

  private constructor(path: string, target: string, handle: FileHandle, length: number, goesOn: boolean) {
    this.#path = path;
    this.#target = target;
    this.#handle = handle;
    this.goesOn = goesOn;
    this.#committed = length;
    this.stream = handle.createWriteStream({ autoClose: false, start: length });
  }

  /**
   * `length` is what the job committed, in bytes; undefined for its first run, which begins anew. A file that somebody has
   * made shorter since, as logrotate does, is added to as it is. Throws SluiceError('cannotCreate').
   */
  static async open(path: string, target: string, length: number | undefined): Promise<GrowingFile> {
    try {
      const handle = await openOrCreate(target);
      const { size } = await handle.stat();
      const start = length === undefined ? 0 : Math.min(length, size);
      if (size > start) await handle.truncate(start);
      return new GrowingFile(path, target, handle, start, start > 0);
    } catch (error) {
      throw new SluiceError('cannotCreate', `cannot write to ${path}: ${messageOf(error)}`, undefined, error);
    }
  }

  /** Everything that has left the stream is on the disk. Resolves to the length in bytes. Throws SluiceError('inputOutput'). */
  async commit(): Promise<number> {
    try {
      fsyncSync(this.#handle.fd);
      this.#committed = (await this.#handle.stat()).size;
      return this.#committed;
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** Where the stream has failed, what is behind the last commit is taken back: nobody finds half a batch. */
  async close(end: 'ok' | 'failed'): Promise<void> {
    this.stream.destroy();
    // A write under way is waited for. A stream that failed has closed the file itself.
    if (!this.stream.closed) await once(this.stream, 'close').catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    if (end === 'failed') await truncate(this.#target, this.#committed).catch(() => undefined);
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return open(path, 'wx+');
  }
}
