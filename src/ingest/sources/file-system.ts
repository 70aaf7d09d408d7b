// The file system, as node:fs/promises has it: loading that, and its streams, would take 2 ms of each start.
import * as fs from 'node:fs';
import { promisify } from 'node:util';

export const access = promisify(fs.access);
export const close = promisify(fs.close);
export const open = promisify(fs.open);
export const read = promisify(fs.read);
export const readdir = promisify(fs.readdir);
export const stat = promisify(fs.stat);

/** A regular file. */
export type Found = { readonly path: string; readonly status: fs.Stats };

/** Undefined where there is none. */
export async function regularFile(path: string): Promise<Found | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() ? { path, status } : undefined;
}
