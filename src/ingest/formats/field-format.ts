// Hot path. The formats whose records are objects: the loop over lines, which they share. A format is a scanner, which says
// where the fields of one line are.
import { defaultPartSize } from '../../envelope/parts.ts';
import type { Rejects } from '../../stage/rejects.ts';
import type { Closing } from '../../stage/stage.ts';
import type { Joining } from '../joining.ts';
import { withoutEnd } from '../lines.ts';
import { damagedLines } from './damaged.ts';
import type { Encoded, Format, PlaceOf } from './format.ts';
import type { RecordWriter } from './record-writer.ts';

export interface Scanner {
  /** Adds the fields of the line from `start` to `end` to the writer; returns why it is no record where it is none. */
  scan(bytes: Buffer, start: number, end: number): string | undefined;
  /** Adds the records of as many lines as can be done at once to the writer; they are UTF-8. */
  scanAhead?(lines: Buffer): { readonly lines: number; readonly consumed: number };
  /** Is shown the first line of a source that is not empty; true where it is a heading and no record. */
  heading?(line: Buffer): boolean;
  warnings?(): Closing['warnings'];
}

/** With what one more call adds it is mostly still a part as it stands, which batch need not cut. */
const fullSize = 0.75 * defaultPartSize;
const newline = 0x0a;
const carriageReturn = 0x0d;

export class FieldFormat implements Format {
  readonly joining: Joining | undefined;
  readonly #scanner: Scanner;
  readonly #writer: RecordWriter;
  readonly #rejects: Rejects;
  /** No line of the source has come that is not empty. */
  #awaitsHeading = false;
  #damaged = 0;

  constructor(scanner: Scanner, writer: RecordWriter, rejects: Rejects, joining?: Joining) {
    this.joining = joining;
    this.#scanner = scanner;
    this.#writer = writer;
    this.#rejects = rejects;
  }

  *encode(region: Buffer, placeOf: PlaceOf, isAtStart = false): Generator<Encoded> {
    const bytes = this.#repaired(region);
    let lines = 0;
    let taken = 0;
    const ahead = new Ahead(this.#scanner, bytes);
    this.#awaitsHeading ||= isAtStart;
    for (let start = 0; start < bytes.length;) {
      const done = this.#awaitsHeading ? noLines : ahead.scan(start);
      lines += done.lines;
      start += done.consumed;
      if (done.consumed === 0) {
        let end = bytes.indexOf(newline, start);
        if (end === -1) end = bytes.length;
        const next = end + 1;
        if (end > start && bytes[end - 1] === carriageReturn) end -= 1;
        // An empty line is passed over.
        const isPassedOver = end === start || this.#isHeading(bytes.subarray(start, end));
        const fault = isPassedOver ? undefined : this.#record(bytes, start, end);
        if (fault !== undefined) {
          try {
            this.#rejects.reject(bytes.toString('utf8', start, end), placeOf(lines), fault);
          } catch (failure) {
            // The lines before the one that stops the stage are good.
            yield { ...this.#writer.take(), lines: lines - taken };
            throw failure;
          }
        }
        start = next;
        lines += 1;
      }
      if (this.#writer.length > fullSize) {
        yield { ...this.#writer.take(), lines: lines - taken };
        taken = lines;
      }
    }
    yield { ...this.#writer.take(), lines: lines - taken };
  }

  *encodeOne(record: Buffer, place: string, isAtStart = false): Generator<Encoded> {
    const bytes = this.#repaired(withoutEnd(record));
    this.#awaitsHeading ||= isAtStart;
    const isPassedOver = bytes.length === 0 || this.#isHeading(bytes);
    const fault = isPassedOver ? undefined : this.#record(bytes, 0, bytes.length);
    if (fault !== undefined) this.#rejects.reject(bytes.toString('utf8'), place, fault);
    yield { ...this.#writer.take(), lines: 1 };
  }

  #isHeading(line: Buffer): boolean {
    if (!this.#awaitsHeading) return false;
    this.#awaitsHeading = false;
    return this.#scanner.heading?.(line) === true;
  }

  #record(bytes: Buffer, start: number, end: number): string | undefined {
    this.#writer.begin();
    return this.#scanner.scan(bytes, start, end) ?? this.#writer.write(bytes);
  }

  #repaired(region: Buffer): Buffer {
    const damaged = damagedLines(region);
    this.#damaged += damaged;
    return damaged === 0 ? region : Buffer.from(region.toString('utf8'));
  }

  counters(): Record<string, number> {
    const damaged = this.#damaged;
    this.#damaged = 0;
    return { damaged };
  }

  warnings(): Closing['warnings'] {
    return this.#scanner.warnings?.() ?? [];
  }
}

/** So much stays in a core's cache, and is soon handed over again where it cannot all be done at once. */
const aheadSize = 64 * 1024;
/** Of lines that are done one by one in between. */
const mostLines = 1024;
const noLines = { lines: 0, consumed: 0 };

/** Many lines at once, where the scanner can do that. Where it comes to little it is asked more and more seldom. */
class Ahead {
  readonly #scanner: Scanner;
  readonly #bytes: Buffer;
  /** How many lines are to be done one by one before it is asked again, and how many they were the last time. */
  #wait = 0;
  #lastWait = 1;

  constructor(scanner: Scanner, bytes: Buffer) {
    this.#scanner = scanner;
    this.#bytes = bytes;
  }

  /** What was done of the lines from `start` on. */
  scan(start: number): { readonly lines: number; readonly consumed: number } {
    if (!this.#scanner.scanAhead || (this.#wait -= 1) >= 0) return noLines;
    const { length } = this.#bytes;
    const most = start + aheadSize;
    const end = most < length ? this.#bytes.lastIndexOf(newline, most - 1) + 1 : length;
    if (end <= start) return noLines;
    const done = this.#scanner.scanAhead(this.#bytes.subarray(start, end));
    if (done.consumed === end - start) {
      this.#wait = 0;
      return done;
    }
    this.#lastWait = done.consumed > aheadSize / 4 ? 1 : Math.min(2 * this.#lastWait, mostLines);
    this.#wait = this.#lastWait;
    return done;
  }
}
