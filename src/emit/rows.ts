// Rows on their way out, still the bytes they came in. Who needs their texts takes them a piece at a time.
import { parseJson, type Json } from '../envelope/json.ts';
import { recordEnds, recordSlices } from '../envelope/records.ts';
import { SluiceError } from '../errors.ts';
import { parseRow } from './formats/cells.ts';

/** So many rows at a time: few enough that what is made of them is gone before the garbage collector moves it. */
const pieceSize = 500;
/** Of bytes as many as so many rows have, about. */
const pieceBytes = 48 * 1024;

export class Rows {
  static readonly none: Rows = new Rows(Buffer.alloc(0), 0, '');

  /** The inside of a JSON array. */
  readonly payload: Buffer;
  readonly count: number;
  /** Where they come from, for messages. */
  readonly #place: string;
  /** Rows of the same part that went ahead. */
  readonly #before: number;

  constructor(payload: Buffer, count: number, place: string, before = 0) {
    this.payload = payload;
    this.count = count;
    this.#place = place;
    this.#before = before;
  }

  static of(texts: readonly string[]): Rows {
    return new Rows(Buffer.from(texts.join(',')), texts.length, 'a table');
  }

  /** Without the first `rows`, which take up so many `bytes`. */
  behind(rows: number, bytes: number): Rows {
    return new Rows(this.payload.subarray(bytes), this.count - rows, this.#place, this.#before + rows);
  }

  /** The first row's text, and the others. */
  takeFirst(): { readonly text: string; readonly rest: Rows } | undefined {
    const [end] = recordEnds(this.payload);
    if (end === undefined) return undefined;
    return { text: this.payload.toString('utf8', 0, end).trim(), rest: this.behind(1, end + 1) };
  }

  /** JSON texts. Throws SluiceError('badData') where there are not as many as there have to be. */
  *texts(): Generator<string[]> {
    let count = 0;
    let texts: string[] = [];
    for (const slice of recordSlices(this.payload)) {
      texts.push(slice.toString('utf8').trim());
      count += 1;
      if (texts.length < pieceSize) continue;
      yield texts;
      texts = [];
    }
    if (texts.length > 0) yield texts;
    this.#checkCount(count);
  }

  /** Hot path. Their values. Throws as `texts` does. */
  *values(): Generator<Json[]> {
    let count = 0;
    for (let start = 0; start < this.payload.length;) {
      const between = this.payload.indexOf('},{', start + pieceBytes);
      let end = between === -1 ? this.payload.length : between + 1;
      // Within a record, or a text in it, is no JSON up to there: then its end is looked for.
      let values = end < this.payload.length ? this.#parseUpTo(start, end) : undefined;
      if (!values) {
        end = this.#endBehind(start);
        values = parseRow(`[${this.payload.toString('utf8', start, end)}]`) as Json[];
      }
      yield values;
      count += values.length;
      start = end + 1;
    }
    this.#checkCount(count);
  }

  #parseUpTo(start: number, end: number): Json[] | undefined {
    try {
      return parseJson(`[${this.payload.toString('utf8', start, end)}]`) as Json[];
    } catch {
      return undefined;
    }
  }

  /** Where a record ends, so many bytes behind `start`. */
  #endBehind(start: number): number {
    if (this.payload.length - start <= pieceBytes) return this.payload.length;
    for (const end of recordEnds(this.payload.subarray(start))) if (end >= pieceBytes) return start + end;
    return this.payload.length;
  }

  #checkCount(count: number): void {
    if (count === this.count) return;
    throw new SluiceError(
      'badData',
      `${this.#place} is damaged: field 'n' says ${this.#before + this.count}, but there are ${this.#before + count} records`,
    );
  }
}
