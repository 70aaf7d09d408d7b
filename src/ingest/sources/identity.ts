// What tells a file from all others, whatever its name: device, inode and a fingerprint of its head. The inode alone says too
// little, since the system gives that of a deleted file to the next one; nor does the head, which two logs may have in common.
import type { Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Position } from '../../envelope/envelope.ts';
import { gunzipIfNeeded, isGzip } from './gzip.ts';

/** At most so many bytes make the fingerprint. */
const headLimit = 1024;

export type FileIdentity = {
  /** The path that it is read for, and what was there when it was first read, behind symbolic links. */
  readonly path: string;
  readonly target: string;
  readonly device: number;
  readonly inode: number;
  /** Hash of the first `headLength` bytes, unpacked: those that were there when it was read last. */
  readonly head: string;
  readonly headLength: number;
  /** When it was written last, as far as it has been read, in epoch milliseconds. */
  readonly modified: number;
};

/** The file that a position is in; undefined where it is in none. */
export function identityOf({ file }: Position): FileIdentity | undefined {
  return file as FileIdentity | undefined;
}

/** The first bytes of an open file, unpacked. */
export async function readHead(file: FileHandle): Promise<{ head: Buffer; isPacked: boolean }> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headLimit), 0, headLimit, 0);
  const bytes = buffer.subarray(0, bytesRead);
  if (!isGzip(bytes)) return { head: bytes, isPacked: false };
  let head: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of gunzipIfNeeded(bytesOf(file), '')) {
      head = Buffer.concat([head, chunk]).subarray(0, headLimit);
      if (head.length === headLimit) break;
    }
  } catch {
    // Damaged, or not written to its end yet: what there is of it has to do.
  }
  return { head, isPacked: true };
}

/** The head of a file by its path, empty where it cannot be read. */
export async function headAt(path: string): Promise<{ head: Buffer; isPacked: boolean }> {
  try {
    const file = await open(path);
    return await readHead(file).finally(() => file.close());
  } catch {
    return { head: Buffer.alloc(0), isPacked: false };
  }
}

export function fingerprint(head: Buffer): string {
  // Loaded by whom it is used only: it takes a twentieth of a start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(head).digest('hex').slice(0, 16);
}

/** True where a file with this head can be the one that had that fingerprint: heads only grow. */
export function hasHead(head: Buffer, known: Pick<FileIdentity, 'head' | 'headLength'>): boolean {
  return head.length >= known.headLength && fingerprint(head.subarray(0, known.headLength)) === known.head;
}

/** The same file by the system's numbers. */
export function isSameInode(known: Pick<FileIdentity, 'device' | 'inode'>, status: Stats): boolean {
  return known.device === status.dev && known.inode === status.ino;
}

/** All of a file, whatever was read of it before. */
export async function* bytesOf(file: FileHandle): AsyncGenerator<Buffer> {
  const own = Buffer.allocUnsafeSlow(256 * 1024);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(own, 0, own.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield own.subarray(0, bytesRead);
  }
}
