// Values of messages → records, by way of a format of lines. What has line ends in it goes one by one.
import type { RecordReader } from '../../kafka/record-batch.ts';
import { characterStart } from '../lines.ts';
import type { Format } from '../formats/format.ts';
import type { Values } from './values.ts';

type Encoded = { readonly payload: Buffer; readonly count: number };

/** Where a value stops the stage, what is ahead of it, and what was thrown. */
type EncodedValues = Encoded & { readonly failure?: { readonly index: number; readonly error: unknown } };

export type MessageSettings = {
  readonly format: Format;
  /** A record is the message with all that Kafka says of it, not its value alone. */
  readonly withMeta: boolean;
  /** Bytes of a value; what is beyond is cut off. */
  readonly maxRecord: number;
};

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
/** As little a part of a JSON text as a line end is. */
const unitSeparator = 0x1f;
const comma = Buffer.from(',');

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
    const pieces: Encoded[] = [];
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

  *#encode(values: Values, name: string): Generator<Encoded & { readonly lines: number }> {
    const { format, withMeta } = this.settings;
    const placeOf = (index: number): string => `${name}, offset ${values.offsets[index]}`;
    if (!withMeta && !values.hasLineEnds) return yield* format.encode(values.lines, placeOf);
    for (let index = 0; index < values.count; index += 1) {
      const meta = values.metas[index];
      const value = values.nulls.has(index) ? nothing : this.#encodeOne(values.line(index), placeOf(index));
      yield { ...(meta === undefined ? value : behindMeta(meta, value)), lines: 1 };
    }
  }

  /** A value with its newline, which may have others in it. */
  #encodeOne(line: Buffer, place: string): Encoded {
    const { format } = this.settings;
    const encoded = format.encodeOne?.(line.subarray(0, -1), place) ?? format.encode(flat(line), () => place);
    return joined(Array.from(encoded));
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

const nothing: Encoded = { payload: Buffer.from('null'), count: 1 };

function behindMeta(meta: string, { payload, count }: Encoded): Encoded {
  return count === 0
    ? { payload, count }
    : { payload: Buffer.concat([Buffer.from(meta), payload, Buffer.from('}')]), count };
}

/** Line ends between the parts of a JSON value are white space. Within a text they may not be, and are not made so. */
function flat(line: Buffer): Buffer {
  const bytes = Buffer.from(line);
  let isText = false;
  let isEscaped = false;
  for (let at = 0; at < bytes.length - 1; at += 1) {
    const byte = bytes[at];
    if (byte === newline || byte === carriageReturn) bytes[at] = isText ? unitSeparator : space;
    else if (byte === quote && !isEscaped) isText = !isText;
    isEscaped = isText && byte === backslash && !isEscaped;
  }
  return bytes;
}

function joined(encoded: readonly Encoded[]): Encoded {
  const full = encoded.filter(({ count }) => count > 0);
  const [first, second] = full;
  if (!second) return first ?? { payload: Buffer.alloc(0), count: 0 };
  return {
    payload: Buffer.concat(
      full.flatMap(({ payload }, index) => (index === 0 ? [payload] : [comma, payload])),
    ),
    count: full.reduce((sum, { count }) => sum + count, 0),
  };
}
