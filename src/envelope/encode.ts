// Hot path. Envelope → one line of bytes, in canonical form:
//
//   {"v":1,"batch":7,…,"n":2,…,"records":[<payload>]}\n
//
// header keys in the order of fields.ts, unknown ones behind them, `records` last; decode.ts reads it back.
import { formatVersion, type Envelope, type Header } from './envelope.ts';
import { headerFields } from './fields.ts';

export const recordsMarker: Buffer = Buffer.from(',"records":[');
const lineEnd = Buffer.from(']}\n');

/** The line as pieces for one gathered write, so that the payload is never copied. */
export function encodeEnvelope(envelope: Envelope): Buffer[] {
  const head = Buffer.from(`${encodeHeader(envelope.header)},"records":[`);
  return envelope.payload.length === 0 ? [head, lineEnd] : [head, envelope.payload, lineEnd];
}

/** The header as JSON without its closing brace. */
function encodeHeader(header: Header): string {
  // Without a prototype, since an unknown field may be called `constructor` or `__proto__`.
  const ordered = Object.create(null) as Record<string, unknown>;
  ordered['v'] = formatVersion;
  for (const { name } of headerFields) {
    if (name !== 'v' && header[name] !== undefined) ordered[name] = header[name];
  }
  for (const [name, value] of Object.entries(header)) {
    if (!(name in ordered)) ordered[name] = value;
  }
  return JSON.stringify(ordered).slice(0, -1);
}
