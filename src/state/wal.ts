// Raw input of sources that cannot be read twice, as it came: on its way through the job only once it is in here, and on the
// disk before anything that came of it is committed.
//
//   wal/stdin/000000000000   the first 64 MiB
//   wal/stdin/000067108864   what follows; a segment is named by the offset of its first byte
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotWrite, SluiceError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { sync, writeAll } from './checked.ts';
import { faultPoint } from './fault-points.ts';
import { namesIn } from './folder.ts';
import type { Positions } from './offsets-log.ts';

const segmentSize = 64 * 1024 * 1024;
const chunkSize = 256 * 1024;

export class WriteAheadLog {
  readonly #folder: string;
  readonly #segmentSize: number;
  #file: number | undefined;
  #segmentStart = 0;
  /** Behind the last byte. */
  #end = 0;
  #endsWithLine = true;
  /** The segment whose name is on the disk. */
  #syncedPath = '';

  /** Goes on where the log ends. Throws SluiceError('inputOutput'). */
  constructor(folder: string, size = segmentSize) {
    this.#folder = folder;
    this.#segmentSize = size;
    this.#attempt(folder, () => {
      makeFolder(folder);
      this.#open(segmentsIn(folder).at(-1) ?? 0);
    });
  }

  /** Throws SluiceError('inputOutput'). */
  append(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const path = segment(this.#folder, this.#segmentStart);
    this.#attempt(path, () => {
      const half = bytes.length >> 1;
      writeAll(this.#file as number, bytes.subarray(0, half));
      faultPoint('half-kept');
      writeAll(this.#file as number, bytes.subarray(half));
    });
    this.#end += bytes.length;
    this.#endsWithLine = bytes.at(-1) === 0x0a;
    if (this.#end - this.#segmentStart >= this.#segmentSize)
      this.#attempt(this.#folder, () => {
        // Of the new one nobody would bring it to the disk.
        fsyncSync(this.#file as number);
        this.#open(this.#end);
      });
  }

  /** Ends the last line where its end has not come: what follows is not of it. */
  endLine(): void {
    if (!this.#endsWithLine) this.append(Buffer.from('\n'));
  }

  /** Takes away the last line where its end has not come. */
  cutLine(): void {
    if (this.#endsWithLine) return;
    const path = segment(this.#folder, this.#segmentStart);
    this.#attempt(path, () => {
      const file = this.#file as number;
      let size = this.#end - this.#segmentStart;
      const tail = Buffer.alloc(chunkSize);
      for (let isFound = false; size > 0 && !isFound;) {
        const length = readSync(file, tail, 0, Math.min(chunkSize, size), Math.max(0, size - chunkSize));
        const at = tail.subarray(0, length).lastIndexOf(0x0a);
        isFound = at !== -1;
        size -= length - (at + 1);
      }
      ftruncateSync(file, size);
      this.#end = this.#segmentStart + size;
      this.#endsWithLine = true;
    });
  }

  /** Everything so far is on the disk. Throws SluiceError('inputOutput'). */
  async sync(): Promise<void> {
    const path = segment(this.#folder, this.#segmentStart);
    if (path !== this.#syncedPath) {
      // Without this its name could be lost.
      this.#attempt(path, () => {
        for (const folder of [this.#folder, join(this.#folder, '..')]) sync(folder);
      });
      this.#syncedPath = path;
    }
    await new Promise<void>((resolve, reject) => {
      fdatasync(this.#file as number, (error) => (error ? reject(cannotWrite(path, error)) : resolve()));
    });
  }

  /** What the log holds by now from `from` on. Throws SluiceError('inputOutput') where it does not go back so far. */
  read(from: number): AsyncGenerator<Buffer> {
    return readLog(this.#folder, from, this.#end);
  }

  /** Bytes that have been kept so far, those included that are cleared away. */
  get end(): number {
    return this.#end;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(start: number): void {
    this.close();
    const file = openSync(segment(this.#folder, start), 'a+');
    this.#file = file;
    this.#segmentStart = start;
    const { size } = fstatSync(file);
    this.#end = start + size;
    const last = Buffer.from('\n');
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    if (size > 0) this.#endsWithLine = last[0] === 0x0a;
  }

  #attempt(path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
}

/** Bytes `[from, until)` of a log. Throws SluiceError('inputOutput') where they are not there. */
export async function* readLog(folder: string, from: number, until: number): AsyncGenerator<Buffer> {
  const segments = segmentsIn(folder);
  let at = from;
  for (const [index, start] of segments.entries()) {
    if (at >= until) return;
    if (start > at || (segments[index + 1] ?? Number.POSITIVE_INFINITY) <= at) continue;
    const file = await open(segment(folder, start));
    try {
      while (at < until) {
        const buffer = Buffer.allocUnsafe(Math.min(chunkSize, until - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at - start);
        if (bytesRead === 0) break;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
  if (at >= until) return;
  throw new SluiceError(
    'inputOutput',
    `what was kept of the input in ${folder} is not there any more: it ends at byte ${at} and had ${until}`,
    'put the folder back from a backup, or begin anew with `sluice state reset`',
  );
}

/** From where to where a log goes, as bytes of its input. */
export function endOfLog(folder: string): { readonly start: number; readonly end: number } {
  const segments = segmentsIn(folder);
  const last = segments.at(-1) ?? 0;
  const path = segment(folder, last);
  const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return { start: segments[0] ?? 0, end: last + size };
}

function segment(folder: string, start: number): string {
  return join(folder, String(start).padStart(12, '0'));
}

function segmentsIn(folder: string): number[] {
  return namesIn(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => one - other);
}

/** Brings all logs to the disk. `known` are segments that need not be looked at any more; it grows. */
export function syncLogs(wal: string, known: Set<string>): void {
  for (const id of namesIn(wal)) {
    const folder = join(wal, id);
    const paths = segmentsIn(folder).map((start) => segment(folder, start));
    const news = paths.filter((path) => !known.has(path));
    for (const path of news) sync(path);
    if (news.length > 1 || !known.has(folder)) {
      sync(folder);
      sync(wal);
    }
    known.add(folder);
    for (const path of news.slice(0, -1)) known.add(path);
  }
}

/** Removes what no run needs any more that begins at `positions` or later. */
export function clearLogs(wal: string, positions: Positions): void {
  for (const id of namesIn(wal)) {
    const folder = join(wal, id);
    const segments = segmentsIn(folder);
    for (const [index, start] of segments.entries()) {
      const end = segments[index + 1];
      if (end !== undefined && end <= (positions[id]?.offset ?? 0))
        rmSync(segment(folder, start), { force: true });
    }
  }
}
