// The payload opened: bytes → records and back, and the places where one record ends and the next begins.
// Only stages that look inside records come here.
import { SluiceError } from '../errors.ts';
import type { Envelope, Header } from './envelope.ts';
import { parseJson, stringifyJson, type Json } from './json.ts';

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** All records of an envelope. Throws SluiceError('badData') where the payload is no JSON or `n` is wrong. */
export function decodeRecords(envelope: Envelope): Json[] {
  const { payload, header } = envelope;
  if (payload.length === 0) return [];
  let records: Json[];
  try {
    records = parseJson(`[${payload.toString('utf8')}]`) as Json[];
  } catch (error) {
    throw damagedPart(header, 'its records are no JSON', error);
  }
  if (records.length !== header.n) {
    throw damagedPart(header, `field 'n' says ${header.n}, but there are ${records.length} records`);
  }
  return records;
}

/** Records → payload. Throws RangeError for records nested too deeply to be written. */
export function encodeRecords(records: readonly Json[]): Buffer {
  return Buffer.from(records.map(stringifyJson).join(','));
}

/** Hot path. The offset behind each record, in order; the separating comma stands at that offset. */
export function* recordEnds(payload: Buffer): Generator<number> {
  if (payload.length === 0) return;
  let depth = 0;
  for (let at = 0; at < payload.length; at += 1) {
    const byte = payload[at];
    if (byte === quote) at = stringEnd(payload, at);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    else if (byte === comma && depth === 0) yield at;
  }
  yield payload.length;
}

/** The offset behind the `count`th record. */
export function nthRecordEnd(payload: Buffer, count: number): number {
  let left = count;
  for (const end of recordEnds(payload)) {
    left -= 1;
    if (left === 0) return end;
  }
  return payload.length;
}

/** Hot path. True where the array ends inside `payload`, as in `"a"],"tags":["b"`: other keys follow the records. */
export function closesEarly(payload: Buffer): boolean {
  if (!mayCloseEarly(payload)) return false;
  let depth = 0;
  for (let at = 0; at < payload.length; at += 1) {
    const byte = payload[at];
    if (byte === quote) at = stringEnd(payload, at);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth < 0) return true;
  }
  return false;
}

/** Spares most payloads the look at each byte: only `]`, a comma and a quote can lead to another key. */
function mayCloseEarly(payload: Buffer): boolean {
  for (let at = payload.indexOf(closeBracket); at !== -1; at = payload.indexOf(closeBracket, at + 1)) {
    const next = pastSpace(payload, at + 1);
    if (payload[next] === comma && payload[pastSpace(payload, next + 1)] === quote) return true;
  }
  return false;
}

function pastSpace(payload: Buffer, from: number): number {
  let at = from;
  while (at < payload.length && (payload[at] as number) <= 0x20) at += 1;
  return at;
}

/** Each record's own bytes, in order. */
export function* recordSlices(payload: Buffer): Generator<Buffer> {
  let start = 0;
  for (const end of recordEnds(payload)) {
    yield payload.subarray(start, end);
    start = end + 1;
  }
}

/** Offset of the quote that closes the string opened at `open`: the next one behind an even run of backslashes. */
function stringEnd(payload: Buffer, open: number): number {
  for (let at = payload.indexOf(quote, open + 1); at !== -1; at = payload.indexOf(quote, at + 1)) {
    let escapes = at - 1;
    while (payload[escapes] === backslash) escapes -= 1;
    if ((at - 1 - escapes) % 2 === 0) return at;
  }
  return payload.length;
}

/** For a payload that is not what its header says. */
export function damagedPart({ batch, part }: Header, why: string, cause?: unknown): SluiceError {
  const place = batch === undefined ? 'a block' : `batch ${batch}, part ${part ?? 0}`;
  return new SluiceError(
    'badData',
    `${place} is damaged: ${why}`,
    'see sluice-envelope(5) for the format',
    cause,
  );
}
