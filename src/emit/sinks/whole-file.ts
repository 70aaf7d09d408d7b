// A file that appears when it is complete: written beside its place under another name, brought to the disk, then renamed.
// What is no regular file (a device, a named pipe, bash's `>(…)`) cannot be replaced and is written as it is.
import { rmSync, type Stats } from 'node:fs';
import {
  access,
  constants,
  open,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { cannotCreate, cannotWrite, systemCode } from '../../errors.ts';
import { beforeDying } from '../../stage/signals.ts';

/** Bytes on their way; larger ones cost memory and save nothing. */
const buffered = 1024 * 1024;
/** Bytes of the name that a temporary one has room for: 255 are usual. */
const mostOfName = 200;

/** The path that is to be replaced, links followed as `>` does. Throws SluiceError('cannotCreate'). */
export async function resolveTarget(path: string): Promise<string> {
  try {
    if (path === '') throw new Error('a file needs a name');
    const status = await existing(path);
    if (path.endsWith('/') || status?.isDirectory()) throw new Error('it is a directory');
    if (status) await access(path, constants.W_OK);
    // A pipe of bash's `>(…)` is a link that leads nowhere.
    return status && !status.isFile() ? path : await followLinks(path);
  } catch (error) {
    throw cannotCreate(path, error);
  }
}

/** A link may lead to a file that is yet to be made. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const folder = await realpath(dirname(path));
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? join(folder, basename(path)) : followLinks(resolve(folder, link));
  }
}

export class WholeFile {
  readonly #path: string;
  /** Where it leads to. */
  readonly target: string;
  readonly #handle: FileHandle;
  /** Where it is written meanwhile; undefined where that is its place. */
  readonly #temporary: string | undefined;
  readonly #forget: () => void;
  readonly stream: Writable;

  private constructor(path: string, target: string, handle: FileHandle, temporary: string | undefined) {
    this.#path = path;
    this.target = target;
    this.#handle = handle;
    this.#temporary = temporary;
    this.stream = handle.createWriteStream({ autoClose: false, highWaterMark: buffered });
    this.#forget = beforeDying(() => temporary !== undefined && rmSync(temporary, { force: true }));
  }

  /** `target` is where `path`, the name for messages, leads to. Throws SluiceError('cannotCreate'). */
  static async create(path: string, target: string): Promise<WholeFile> {
    try {
      const before = await existing(target);
      if (before && !before.isFile()) return new WholeFile(path, target, await open(target, 'w'), undefined);
      const temporary = join(dirname(target), temporaryName(basename(target)));
      const handle = await open(temporary, 'wx');
      if (before) await likeBefore(handle, before);
      return new WholeFile(path, target, handle, temporary);
    } catch (error) {
      throw cannotCreate(path, error);
    }
  }

  /** False for a device or a named pipe. */
  get isReplaceable(): boolean {
    return this.#temporary !== undefined;
  }

  /** Everything written is in its place for good. Throws SluiceError('inputOutput'). */
  async commit(): Promise<void> {
    try {
      if (this.#temporary === undefined) return await this.#close();
      await this.#handle.sync();
      await this.#close();
      await rename(this.#temporary, this.target);
      await syncFolder(dirname(this.target));
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** Leaves what was there before. False where that cannot be, since it was written as it is. */
  async discard(): Promise<boolean> {
    await this.#close();
    if (this.#temporary === undefined) return false;
    await unlink(this.#temporary).catch(() => undefined);
    return true;
  }

  async #close(): Promise<void> {
    this.#forget();
    // Until it is gone, the stream keeps its hold on the file; a write under way is waited for.
    this.stream.destroy();
    await this.#handle.close();
  }
}

/** Hidden, so that no `out/*` finds it; it tells what it is to become and who writes it. */
export function temporaryName(name: string): string {
  return `.${Buffer.from(name).subarray(0, mostOfName).toString()}.${process.pid}.part`;
}

/** As if it had been written in place: whoever could read it still can. */
async function likeBefore(handle: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  const own = await handle.stat();
  // Only root may give a file away; others replace it by one of their own.
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid).catch(() => undefined);
  await handle.chmod(mode & 0o7777);
}

/** Without this the file's name could be lost in a crash, though its content is safe. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

async function existing(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}
