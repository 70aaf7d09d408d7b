// Values of messages → records, by way of a format of lines. What has line ends in it goes one by one.
import type { RecordReader } from '../../kafka/record-batch.ts';
import { characterStart } from '../lines.ts';
import type { Format } from '../formats/format.ts';
import { behindMeta, encodeOne, joined, type EncodedRecords } from '../one-by-one.ts';
import type { Values } from './values.ts';

/** Where a value stops the stage, what is ahead of it, and what was thrown. */
type EncodedValues = EncodedRecords & {
  readonly failure?: { readonly index: number; readonly error: unknown };
};

export type MessageSettings = {
  readonly format: Format;
  /** A record is the message with all that Kafka says of it, not its value alone. */
  readonly withMeta: boolean;
  /** Bytes of a value; what is beyond is cut off. */
  readonly maxRecord: number;
};

/** One for all partitions: it counts what became of their messages. */
export class MessageEncoder {
  readonly settings: MessageSettings;
  /** All in all. */
  cut = 0;
  #reportedCut = 0;
  #tombstones = 0;

  constructor(settings: MessageSettings) {
    this.settings = settings;
  }

  /** A message without a value is no record, unless all is to be told. */
  add(record: RecordReader, values: Values): void {
    const { withMeta, maxRecord } = this.settings;
    const { valueLength } = record;
    if (valueLength < 0) this.#tombstones += 1;
    if (valueLength < 0 && !withMeta) return;
    const isCut = valueLength > maxRecord;
    if (isCut) this.cut += 1;
    values.add(record, isCut ? characterStart(record.value as Buffer, maxRecord) : Math.max(valueLength, 0));
  }

  /** `name` is that of the partition. */
  encode(values: Values, name: string): EncodedValues {
    const pieces: EncodedRecords[] = [];
    let index = 0;
    try {
      for (const piece of this.#encode(values, name)) {
        pieces.push(piece);
        index += piece.lines;
      }
    } catch (error) {
      return { ...joined(pieces), failure: { index, error } };
    }
    return joined(pieces);
  }

  *#encode(values: Values, name: string): Generator<EncodedRecords & { readonly lines: number }> {
    const { format, withMeta } = this.settings;
    const placeOf = (index: number): string => `${name}, offset ${values.offsets[index]}`;
    if (!withMeta && !values.hasLineEnds) return yield* format.encode(values.lines, placeOf);
    for (let index = 0; index < values.count; index += 1) {
      const meta = values.metas[index];
      const value = values.nulls.has(index) ? nothing : encodeOne(format, values.line(index), placeOf(index));
      yield { ...(meta === undefined ? value : behindMeta(meta, value)), lines: 1 };
    }
  }

  /** Since the last call. */
  counters(): Record<string, number> {
    const counters = {
      cut: this.cut - this.#reportedCut,
      tombstones: this.#tombstones,
      ...this.settings.format.counters(),
    };
    this.#reportedCut = this.cut;
    this.#tombstones = 0;
    return counters;
  }
}

const nothing: EncodedRecords = { payload: Buffer.from('null'), count: 1 };
