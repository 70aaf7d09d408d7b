// Hot path. The time of each record of a payload, without parsing the records. A payload as Latin-1 has a character
// for each byte, so that the engine's own string search works on it; where a record is not plain (an escape before its
// time, a field of a field, a faulty time), that record alone is parsed, and time-of.ts has the last word.
import type { Envelope, TimeSpec } from '../envelope/envelope.ts';
import { parseJson } from '../envelope/json.ts';
import { damagedPart, recordEnds } from '../envelope/records.ts';
import { locatorFor, type Locator } from './locate.ts';
import { compileReader, compileTime, type TimeOf, type TimeReader } from './time-of.ts';

export type PayloadTimes = {
  /** The offset behind each record. */
  readonly ends: readonly number[];
  /** Epoch milliseconds, or why a record has no time that can be read. */
  readonly times: readonly (number | string)[];
};

export class PayloadTimeReader {
  readonly #locate: Locator | undefined;
  readonly #read: TimeReader;
  readonly #timeOf: TimeOf;

  constructor(spec: TimeSpec) {
    this.#locate = locatorFor(spec.field);
    this.#read = compileReader(spec);
    this.#timeOf = compileTime(spec);
  }

  /** Throws SluiceError('badData') for a payload that is damaged. */
  read(envelope: Envelope, now: number): PayloadTimes {
    const { payload, header } = envelope;
    const text = payload.toString('latin1');
    const ends: number[] = [];
    const times: (number | string)[] = [];
    let start = 0;
    let last: string | number | undefined;
    let time = Number.NaN;
    for (const end of recordEnds(payload)) {
      const value = this.#locate?.(text, start, end);
      // Logs have many records of the same second.
      if (value !== last || value === undefined)
        time = value === undefined ? Number.NaN : this.#read(value, now);
      last = value;
      times.push(Number.isNaN(time) ? this.#closely(envelope, start, end, now) : time);
      ends.push(end);
      start = end + 1;
    }
    if (ends.length !== header.n)
      throw damagedPart(header, `field 'n' says ${header.n}, but there are ${ends.length} records`);
    return { ends, times };
  }

  #closely({ header, payload }: Envelope, start: number, end: number, now: number): number | string {
    try {
      return this.#timeOf(parseJson(payload.toString('utf8', start, end)), now);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw damagedPart(header, 'its records are no JSON', error);
    }
  }
}
