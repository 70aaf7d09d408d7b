// Hot path. One line → envelope. A canonical line (encode.ts) costs a parse of its short header; the records
// stay opaque bytes. That is sound because the marker `,"records":[` cannot occur inside a JSON string, where
// each quote would be escaped, and a header value that has a key of that name makes a short header that is no
// JSON. The same holds at the other end, where keys behind the records would look like records. Whatever else is JSON (other key
// order, spaces, missing keys) takes the slow way through a full parse, and comes out canonical.
import { SluiceError } from '../errors.ts';
import { recordsMarker } from './encode.ts';
import { formatVersion, type Envelope, type Header } from './envelope.ts';
import { headerFault } from './fields.ts';
import { parseJson } from './json.ts';
import { closesEarly, encodeRecords } from './records.ts';

const canonicalStart = Buffer.from('{"v":');
const closing = Buffer.from(']}');
/** Headers are short; one that is longer than this is read the slow way. */
const maxHeaderLength = 64 * 1024;

/** Throws SluiceError('badData') naming the line and the field. */
export function decodeEnvelope(line: Buffer, lineNumber: number): Envelope {
  return decodeCanonical(line, lineNumber) ?? decodeLiberal(line, lineNumber);
}

function decodeCanonical(line: Buffer, lineNumber: number): Envelope | undefined {
  if (!startsWith(line, canonicalStart)) return undefined;
  const marker = line.subarray(0, maxHeaderLength).indexOf(recordsMarker);
  if (marker === -1 || !endsWith(line, closing)) return undefined;
  const header = parseHeader(`${line.toString('utf8', 0, marker)}}`);
  if (!header || header['n'] === undefined) return undefined;
  const payload = line.subarray(marker + recordsMarker.length, line.length - closing.length);
  if ((header['n'] === 0) !== (payload.length === 0) || closesEarly(payload)) return undefined;
  return { header: checkHeader(header, lineNumber), payload };
}

function decodeLiberal(line: Buffer, lineNumber: number): Envelope {
  const object = parseLine(line, lineNumber);
  const { records, ...header } = object;
  if (!Array.isArray(records)) {
    throw notAnEnvelope(
      lineNumber,
      records === undefined ? `field 'records' is missing` : `field 'records' has to be a list`,
    );
  }
  const payload = encodeRecords(records);
  const count = records.length;
  if (header['n'] !== undefined && header['n'] !== count) {
    throw notAnEnvelope(
      lineNumber,
      `field 'n' says ${JSON.stringify(header['n'])}, but there are ${count} records`,
    );
  }
  return { header: checkHeader({ ...header, n: count }, lineNumber), payload };
}

function parseHeader(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function parseLine(line: Buffer, lineNumber: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(line.toString('utf8'));
  } catch {
    throw notAnEnvelope(lineNumber, 'it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notAnEnvelope(lineNumber, 'it is JSON, but no object');
  }
  return value as Record<string, unknown>;
}

function checkHeader(header: Record<string, unknown>, lineNumber: number): Header {
  const fault = headerFault(header);
  if (fault) throw notAnEnvelope(lineNumber, fault);
  if (header['v'] !== undefined && header['v'] !== formatVersion) {
    const hint = 'use one version of sluice for all stages of a pipeline';
    throw new SluiceError(
      'badData',
      `line ${lineNumber} is an envelope of version ${JSON.stringify(header['v'])}, this is sluice for version ${formatVersion}`,
      hint,
    );
  }
  return header as Header;
}

function notAnEnvelope(lineNumber: number, why: string): SluiceError {
  const hint =
    'text becomes envelopes with `sluice ingest`, then batches with `sluice batch`; see sluice-envelope(5)';
  return new SluiceError('badData', `not an envelope, line ${lineNumber}: ${why}`, hint);
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.length >= prefix.length && bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}

function endsWith(bytes: Buffer, suffix: Buffer): boolean {
  return (
    bytes.length >= suffix.length &&
    bytes.compare(suffix, 0, suffix.length, bytes.length - suffix.length) === 0
  );
}
