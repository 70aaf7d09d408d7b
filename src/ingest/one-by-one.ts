// Records that come one by one, as messages do, and may have line ends in them, by way of a format of lines.
import type { Format } from './formats/format.ts';

export type EncodedRecords = { readonly payload: Buffer; readonly count: number };

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
/** As little a part of a JSON text as a line end is. */
const unitSeparator = 0x1f;
const comma = Buffer.from(',');

/** A value with its newline, which may have others in it. */
export function encodeOne(format: Format, line: Buffer, place: string): EncodedRecords {
  const encoded = format.encodeOne?.(line.subarray(0, -1), place) ?? format.encode(flat(line), () => place);
  return joined(Array.from(encoded));
}

/** The value as the last member of an object that `meta` begins. */
export function behindMeta(meta: string, { payload, count }: EncodedRecords): EncodedRecords {
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

export function joined(encoded: readonly EncodedRecords[]): EncodedRecords {
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
