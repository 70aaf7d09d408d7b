// Hot path. The formats whose records are objects: the loop over lines, which they share. A format is a scanner, which says
// where the fields of one line are.
import { defaultPartSize } from '../../envelope/parts.ts';
import type { Rejects } from '../../stage/rejects.ts';
import type { Joining } from '../joining.ts';
import { withoutEnd } from '../lines.ts';
import { damagedLines } from './damaged.ts';
import type { Encoded, Format, PlaceOf } from './format.ts';
import type { RecordWriter } from './record-writer.ts';

export interface Scanner {
  /** Adds the fields of the line from `start` to `end` to the writer; returns why it is no record where it is none. */
  scan(bytes: Buffer, start: number, end: number): string | undefined;
  /** Is shown the first line of a source; true where it is a heading and no record. */
  heading?(line: Buffer): boolean;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

export class FieldFormat implements Format {
  readonly joining: Joining | undefined;
  readonly #scanner: Scanner;
  readonly #writer: RecordWriter;
  readonly #rejects: Rejects;
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
    for (let start = 0; start < bytes.length; lines += 1) {
      let end = bytes.indexOf(newline, start);
      if (end === -1) end = bytes.length;
      const next = end + 1;
      if (end > start && bytes[end - 1] === carriageReturn) end -= 1;
      const isHeading =
        isAtStart && start === 0 && this.#scanner.heading?.(bytes.subarray(start, end)) === true;
      // An empty line is passed over.
      if (end > start && !isHeading) {
        const fault = this.#record(bytes, start, end);
        if (fault !== undefined) {
          try {
            this.#rejects.reject(bytes.toString('utf8', start, end), placeOf(lines), fault);
          } catch (failure) {
            // The lines before the one that stops the stage are good.
            yield { ...this.#writer.take(), lines: lines - taken };
            throw failure;
          }
        }
      }
      start = next;
      if (this.#writer.length > defaultPartSize) {
        yield { ...this.#writer.take(), lines: lines + 1 - taken };
        taken = lines + 1;
      }
    }
    yield { ...this.#writer.take(), lines: lines - taken };
  }

  *encodeOne(record: Buffer, place: string): Generator<Encoded> {
    const bytes = this.#repaired(withoutEnd(record));
    const fault = bytes.length === 0 ? undefined : this.#record(bytes, 0, bytes.length);
    if (fault !== undefined) this.#rejects.reject(bytes.toString('utf8'), place, fault);
    yield { ...this.#writer.take(), lines: 1 };
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
}
