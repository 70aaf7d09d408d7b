// What each batch consists of, a line a batch, written before its last part leaves `batch`. After a restart the batches
// behind the checkpoint are made of just the same records again.
//
//   offsets/000124   {"positions":{"f1":{"offset":4096}},"crc32":"…"}
//                    {"batch":124,"records":10,"offsets":{"f1":{"from":{"offset":4096},"until":{"offset":5120}}},"crc32":"…"}
//
// A new file begins behind each checkpoint, with where all sources stood. Lines are brought to the disk by whoever commits,
// before a sink has anything of them: once for all batches of a commit.
import { cannotWrite } from '../errors.ts';
import { closeSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import type { Offsets, Position } from '../envelope/envelope.ts';
import { checkedLine, parseCheckedLine, sync, writeAll, writeWhole } from './checked.ts';
import { faultPoint } from './fault-points.ts';
import { numbered, numbersIn } from './folder.ts';

export type LoggedBatch = {
  readonly batch: number;
  readonly records: number;
  readonly from?: number;
  readonly to?: number;
  readonly offsets: Offsets;
  /** Where several sources were read in turns: which, and up to where each time. Else as `offsets` has them. */
  readonly order?: readonly (readonly [source: string, until: number])[];
  /** The stream ended behind it, for good. */
  readonly end?: boolean;
};

export type Positions = Readonly<Record<string, Position>>;

/** What the first line of a file says: where all sources stand, and up to when batches have come, in epoch milliseconds. */
export type LogStart = { readonly positions: Positions; readonly to?: number };

/** What the log says of the batches behind a checkpoint. */
export type OffsetsSince = {
  readonly start: LogStart;
  readonly batches: readonly LoggedBatch[];
  /** A file with a damaged line: what stands behind it is not known. */
  readonly damaged?: string;
};

/** `after` is the checkpoint, -1 for the beginning; undefined where the log does not go back so far. */
export function readOffsets(folder: string, after: number): OffsetsSince | undefined {
  const { start, batches, damaged } = readLog(folder, after);
  return start && { start, batches, ...(damaged !== undefined && { damaged }) };
}

/** What there is to read, up to the first line that is damaged or missing. */
type ReadLog = {
  readonly start?: LogStart;
  readonly batches: readonly LoggedBatch[];
  readonly damaged?: string;
  /** The last file that it comes from, and how long that is as far as it is good, in bytes. */
  readonly end?: { readonly number: number; readonly goodLength: number };
};

function readLog(folder: string, after: number): ReadLog {
  let log: ReadLog = { batches: [] };
  let next = after + 1;
  for (const number of numbersIn(folder)) {
    if (number <= after) continue;
    const path = numbered(folder, number);
    // Files of which the end never came to the disk leave out batches.
    if (number !== next) return log.end ? { ...log, damaged: numbered(folder, log.end.number) } : log;
    const { lines, goodLength, length } = readLines(path);
    const [head, ...rest] = lines;
    if (!head) return { ...log, damaged: path };
    const batches = [...log.batches, ...(rest as unknown as LoggedBatch[])];
    log = { start: log.start ?? (head as unknown as LogStart), batches, end: { number, goodLength } };
    if (goodLength < length) return { ...log, damaged: path };
    next = (batches.at(-1)?.batch ?? after) + 1;
  }
  return log;
}

/** Where sources stand behind a batch; undefined where the log does not tell. */
export function positionsAt(folder: string, batch: number): Positions | undefined {
  const number = numbersIn(folder).findLast((first) => first <= batch + 1);
  const [head] = number === undefined ? [] : readLines(numbered(folder, number)).lines;
  if (number === undefined || !head) return undefined;
  return { ...(head as unknown as LogStart).positions, ...readBetween(folder, number - 1, batch) };
}

/** Up to where the batches behind `after`, up to `batch`, were read from their sources. */
export function readBetween(folder: string, after: number, batch: number): Positions {
  const positions: Record<string, Position> = {};
  const numbers = numbersIn(folder);
  for (const [index, number] of numbers.entries()) {
    if (number > batch || (numbers[index + 1] ?? Number.POSITIVE_INFINITY) <= after + 1) continue;
    const [, ...logged] = readLines(numbered(folder, number)).lines as unknown as LoggedBatch[];
    for (const { batch: one, offsets } of logged)
      if (one > after && one <= batch)
        for (const [id, { until }] of Object.entries(offsets)) positions[id] = until;
  }
  return positions;
}

/** Of batches from `first` on nothing is made again: they are empty, and keep their numbers. Throws SluiceError('inputOutput'). */
export function giveUpBatches(folder: string, first: number): void {
  for (const number of numbersIn(folder)) {
    const path = numbered(folder, number);
    const [head, ...rest] = readLines(path).lines;
    const batches = rest as unknown as LoggedBatch[];
    if (!head || !batches.some(({ batch }) => batch >= first)) continue;
    const lines = batches.map((logged) => (logged.batch < first ? logged : emptied(logged)));
    const text = [head, ...lines].map((line) => checkedLine(JSON.stringify(line))).join('');
    writeWhole(path, Buffer.from(text));
  }
}

function emptied({ batch, from, to, end }: LoggedBatch): LoggedBatch {
  const interval = from !== undefined && to !== undefined && { from, to };
  return { batch, records: 0, ...interval, offsets: {}, ...(end && { end }) };
}

/** True where no run has come so far as to log where it began: all there may be is one line, torn. */
export function isUnbegun(folder: string): boolean {
  return numbersIn(folder).every(
    (number) => number === 0 && !readFileSync(numbered(folder, number)).includes('\n'),
  );
}

/** The files that are not as they were written. The last line of all may be torn: its batch has gone nowhere yet. */
export function damageIn(folder: string): { readonly path: string; readonly problem: string }[] {
  const numbers = numbersIn(folder);
  return numbers.flatMap((number, index) => {
    const path = numbered(folder, number);
    const { lines, goodLength, length, isTorn } = readLines(path);
    const next = numbers[index + 1];
    if (goodLength < length && !(isTorn && next === undefined))
      return [{ path, problem: `${path} is damaged behind byte ${goodLength}` }];
    const last = lines.at(-1)?.['batch'];
    if (next === undefined || last === next - 1) return [];
    return [{ path, problem: `${path} ends before batch ${next - 1}` }];
  });
}

type Lines = {
  readonly lines: Record<string, unknown>[];
  readonly goodLength: number;
  readonly length: number;
  /** What is behind the good lines is the beginning of one. */
  readonly isTorn: boolean;
};

/** The lines of a file up to the first that is damaged. */
function readLines(file: string): Lines {
  const bytes = readFileSync(file);
  const lines: Record<string, unknown>[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, at);
    const line = end === -1 ? undefined : parseCheckedLine(bytes.toString('utf8', at, end));
    if (!line) return { lines, goodLength: at, length: bytes.length, isTorn: end === -1 };
    lines.push(line);
    at = end + 1;
  }
}

/** Writes the log. */
export class OffsetsLog {
  readonly #folder: string;
  #path = '';
  #file: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Goes on where the log can be read up to; what is behind that, half-written or damaged, is dropped. */
  resume(after: number, start: LogStart): void {
    const { end } = readLog(this.#folder, after);
    for (const number of numbersIn(this.#folder))
      if (number > (end?.number ?? after)) rmSync(numbered(this.#folder, number));
    if (!end) return this.begin(after, start);
    this.#attempt(numbered(this.#folder, end.number), (path) => {
      truncateSync(path, end.goodLength);
      this.#file = openSync(path, 'a');
    });
  }

  /** A new file, for the batches behind `after`. */
  begin(after: number, start: LogStart): void {
    this.close();
    this.#attempt(numbered(this.#folder, after + 1), (path) => {
      this.#file = openSync(path, 'w');
      writeAll(this.#file, Buffer.from(checkedLine(JSON.stringify(start))));
    });
  }

  append(batch: LoggedBatch): void {
    const line = Buffer.from(checkedLine(JSON.stringify(batch)));
    this.#attempt(this.#path, () => {
      const half = line.length >> 1;
      writeAll(this.#file as number, line.subarray(0, half));
      faultPoint('half-logged');
      writeAll(this.#file as number, line.subarray(half));
    });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #attempt(path: string, work: (path: string) => void): void {
    this.#path = path;
    try {
      work(path);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }
}

/** Brings what is logged to the disk. `known` are files that need not be looked at any more; it grows. */
export function syncOffsets(folder: string, known: Set<number>): void {
  const files = numbersIn(folder).filter((number) => !known.has(number));
  for (const number of files) sync(numbered(folder, number));
  if (files.length > 1 || known.size === 0) sync(folder);
  for (const number of files.slice(0, -1)) known.add(number);
}
