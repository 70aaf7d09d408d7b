// Flume's protocol, and what two sides tell each other of theirs before the first call.
import { createHash } from 'node:crypto';
import type { AvroReader, AvroWriter } from './avro.ts';

const event = 'AvroFlumeEvent';
export const protocolText = JSON.stringify({
  protocol: 'AvroSourceProtocol',
  namespace: 'org.apache.flume.source.avro',
  types: [
    { type: 'enum', name: 'Status', symbols: ['OK', 'FAILED', 'UNKNOWN'] },
    {
      type: 'record',
      name: event,
      fields: [
        { name: 'headers', type: { type: 'map', values: 'string' } },
        { name: 'body', type: 'bytes' },
      ],
    },
  ],
  messages: {
    append: { request: [{ name: 'event', type: event }], response: 'Status' },
    appendBatch: {
      request: [{ name: 'events', type: { type: 'array', items: event } }],
      response: 'Status',
    },
  },
});
export const protocolHash: Buffer = createHash('md5').update(protocolText).digest();
export const hashLength = 16;

export const status = { ok: 0, failed: 1 } as const;
export const match = { both: 0, client: 1, none: 2 } as const;

export type HandshakeRequest = {
  readonly clientHash: string;
  readonly clientProtocol: string | undefined;
  readonly serverHash: string;
};

/** Hashes as hexadecimal text. Throws Malformed. */
export function readHandshakeRequest(reader: AvroReader): HandshakeRequest {
  const clientHash = reader.fixed(hashLength).toString('hex');
  const clientProtocol = reader.integer() === 0 ? undefined : reader.text();
  const serverHash = reader.fixed(hashLength).toString('hex');
  if (reader.integer() !== 0) reader.passMap();
  return { clientHash, clientProtocol, serverHash };
}

/** The protocol goes along unless both are known: a Java client fails where it does not. */
export function writeHandshakeResponse(writer: AvroWriter, matched: number): void {
  writer.integer(matched);
  if (matched === match.both) writer.integer(0).integer(0);
  else writer.integer(1).text(protocolText).integer(1).raw(protocolHash);
  writer.integer(0);
}

/** Why calls in this protocol cannot be read as ours, or undefined. Names of types, documentation and defaults do not matter. */
export function misfitOf(text: string): string | undefined {
  let other: Shape;
  try {
    other = shapeOf(text);
  } catch {
    return 'its protocol is no JSON of Avro';
  }
  const own = shapeOf(protocolText);
  const name = (['append', 'appendBatch', 'status'] as const).find(
    (part) => other[part] !== undefined && other[part] !== own[part],
  );
  if (name === undefined && (other.append ?? other.appendBatch) !== undefined) return undefined;
  return name === undefined ? 'it has neither append nor appendBatch' : `its ${name} is not that of Flume`;
}

type Shape = { append: string | undefined; appendBatch: string | undefined; status: string | undefined };
type Json = string | Json[] | { [name: string]: Json };

function shapeOf(text: string): Shape {
  const { types, messages } = JSON.parse(text) as {
    types: { name: string }[];
    messages: Record<string, { request: { type: Json }[]; response: Json } | undefined>;
  };
  const named = new Map(types.map((type) => [type.name, type as unknown as Json]));
  let left = mostTypes;
  const written = (type: Json): Json =>
    plain(type, named, new Set(), () => {
      left -= 1;
      if (left < 0) throw new RangeError('types within types without end');
    });
  const requestOf = (name: string): string | undefined =>
    messages[name] && JSON.stringify(messages[name].request.map(({ type }) => written(type)));
  const response = (messages['appendBatch'] ?? messages['append'])?.response;
  return {
    append: requestOf('append'),
    appendBatch: requestOf('appendBatch'),
    status: response === undefined ? undefined : JSON.stringify(written(response)),
  };
}

/** Flume's own has ten. A type that has two of the next, and so on, would be more than any memory. */
const mostTypes = 10_000;

/** What of a type decides how it is written. `count` is told of each part, and may throw. */
function plain(
  type: Json,
  named: ReadonlyMap<string, Json>,
  within: ReadonlySet<string>,
  count: () => void,
): Json {
  count();
  if (Array.isArray(type)) return type.map((one) => plain(one, named, within, count));
  if (typeof type === 'string') {
    const name = type.split('.').at(-1) ?? type;
    const known = named.get(name);
    return known === undefined || within.has(name)
      ? type
      : plain(known, named, new Set([...within, name]), count);
  }
  const inner = (part: Json | undefined): Json => plain(part ?? '', named, within, count);
  switch (type['type']) {
    case 'record':
      return {
        fields: (type['fields'] as { name: string; type: Json }[]).map((field) => [
          field.name,
          inner(field.type),
        ]),
      };
    case 'enum':
      return { symbols: type['symbols'] as Json };
    case 'array':
      return { array: inner(type['items']) };
    case 'map':
      return { map: inner(type['values']) };
    default:
      return inner(type['type']);
  }
}
