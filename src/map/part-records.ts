// The records of one part: where each begins and ends, and its value where somebody asks for it.
import type { Envelope } from '../envelope/envelope.ts';
import { parseJson, type Json } from '../envelope/json.ts';
import { damagedPart, decodeRecords } from '../envelope/records.ts';
import { recordEnd } from './member-scanner.ts';
import { Runs } from '../window/runs.ts';

export class PartRecords {
  readonly #envelope: Envelope;
  /** The offsets behind the records that somebody has asked for, and those in front of them. */
  readonly #ends: number[] = [];
  #text: string | undefined;

  constructor(envelope: Envelope) {
    this.#envelope = envelope;
  }

  get payload(): Buffer {
    return this.#envelope.payload;
  }

  get count(): number {
    return this.#envelope.header.n;
  }

  /** A character for each byte, so that the engine's own string search works on it. */
  get text(): string {
    return (this.#text ??= this.#envelope.payload.toString('latin1'));
  }

  start(index: number): number {
    return index === 0 ? 0 : this.end(index - 1) + 1;
  }

  end(index: number): number {
    while (this.#ends.length <= index)
      this.endsAt(this.#ends.length, recordEnd(this.text, this.start(this.#ends.length)));
    return this.#ends[index] as number;
  }

  /** Somebody has found out where a record ends. Throws SluiceError('badData') where others are missing or too many. */
  endsAt(index: number, end: number): void {
    if (index < this.#ends.length) return;
    const { header, payload } = this.#envelope;
    if ((end === payload.length) !== (index === header.n - 1))
      throw damagedPart(header, `its records are not as many as field 'n' says, ${header.n}`);
    this.#ends.push(end);
  }

  /** One record, parsed. Throws SluiceError('badData') where it is no JSON. */
  record(index: number): Json {
    const { header, payload } = this.#envelope;
    try {
      return parseJson(payload.toString('utf8', this.start(index), this.end(index)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw damagedPart(header, 'its records are no JSON', error);
    }
  }

  /** Some records, or all, parsed. */
  decode(indexes: readonly number[]): Json[] {
    return decodeRecords({
      header: { ...this.#envelope.header, n: indexes.length },
      payload: this.cut(indexes),
    });
  }

  /** The bytes of some records. */
  cut(indexes: readonly number[]): Buffer {
    return indexes.length === this.count ? this.#envelope.payload : this.runs(indexes).join();
  }

  /** The same, before it is copied. */
  runs(indexes: readonly number[]): Runs {
    const runs = new Runs(this.#envelope.payload);
    for (const index of indexes) runs.add(this.start(index), this.end(index));
    return runs;
  }
}
