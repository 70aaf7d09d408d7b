// Calls as avsc makes them, which speaks Avro over Netty as well, and handshakes as Java's Requestor makes them.
import avro from 'avsc';
import * as fc from 'fast-check';
import { Duplex } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { AvroReader, AvroWriter, Malformed } from '../../src/flume/avro.ts';
import { FrameReader, frameOf, type Frame } from '../../src/flume/frames.ts';
import { match, misfitOf, protocolHash, protocolText } from '../../src/flume/protocol.ts';
import { Refused } from '../../src/ingest/receivers/complaints.ts';
import { FlumeCalls } from '../../src/ingest/receivers/flume/calls.ts';
import { readEvents } from '../../src/ingest/receivers/flume/events.ts';
import { Inbox } from '../../src/ingest/receivers/inbox.ts';
import { parseMessage } from '../../src/ingest/receivers/messages.ts';

type Event = { headers: Record<string, string>; body: Buffer };
type Client = {
  appendBatch(events: readonly Event[]): Promise<string>;
  append(event: Event): Promise<string>;
};

type AvscCall = (parameter: unknown, callback: (error?: Error, status?: string) => void) => void;
type AvscClient = { createChannel(stream: Duplex): void; append: AvscCall; appendBatch: AvscCall };

const protocol = JSON.parse(protocolText) as { messages: Record<string, unknown>; types: object[] };
const silent = { send: () => undefined, complain: () => undefined, changed: () => undefined };
const settings = { maxRecord: 1000, withHeaders: true, dedupHeader: undefined };
const batchType = avro.Service.forProtocol(protocol).message('appendBatch').requestType;

const events = fc.array(
  fc.record({
    headers: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string(), { maxKeys: 3 }),
    body: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 6 },
);

function linesIn(bytes: Buffer): Event[] {
  const found: Event[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = bytes.indexOf(0x0a, at) + 1;
    const { headers = '{}', message } = parseMessage(bytes.subarray(at, next));
    found.push({ headers: JSON.parse(headers) as Record<string, string>, body: message.subarray(0, -1) });
    at = next;
  }
  return found;
}

test('property: events are what avsc wrote', () => {
  fc.assert(
    fc.property(events, (sent) => {
      const bytes = batchType.toBuffer({ events: sent });
      // Not what avsc reads: to it a header named __proto__ is none.
      expect(linesIn(readEvents(new AvroReader(bytes), 'appendBatch', settings).bytes)).toEqual(
        sent.map(({ headers, body }) => ({ headers: { ...headers }, body })),
      );
    }),
    { examples: [[[{ headers: { ['__proto__']: 'x' }, body: Buffer.from('a') }]]] },
  );
});

test('property: bytes that were damaged are refused, or read; never anything else', () => {
  fc.assert(
    fc.property(events, fc.nat(), fc.nat(255), fc.nat(), (sent, at, byte, length) => {
      const bytes = Buffer.from(batchType.toBuffer({ events: sent }));
      bytes[at % bytes.length] = byte;
      const cut = bytes.subarray(0, 1 + (length % bytes.length));
      try {
        readEvents(new AvroReader(cut), 'appendBatch', settings);
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }),
    { numRuns: 1000 },
  );
});

test('property: integers are those of avsc', () => {
  const long = avro.Type.forSchema('long');
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (value) => {
      const bytes = new AvroWriter().integer(value).bytes;
      expect(bytes.equals(long.toBuffer(value))).toBe(true);
      expect(new AvroReader(bytes).integer()).toBe(value);
    }),
  );
});

test('property: frames, in buffers as they please and however the bytes come', () => {
  const frame = fc.record({
    serial: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    buffers: fc.array(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 13 }), (frames, size) => {
      const wire = Buffer.concat(
        frames.flatMap(({ serial, buffers }) => [
          integers(serial, buffers.length),
          ...buffers.flatMap((bytes) => [integers(bytes.length), bytes]),
        ]),
      );
      const reader = new FrameReader();
      const read: Frame[] = [];
      for (let at = 0; at < wire.length; at += size) read.push(...reader.push(wire.subarray(at, at + size)));
      expect(read.map(({ serial, payload }) => [serial, payload.toString('hex')])).toEqual(
        frames.map(({ serial, buffers }) => [serial, Buffer.concat(buffers).toString('hex')]),
      );
      expect(reader.held).toBe(0);
    }),
  );
});

function integers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, 4 * index);
  return bytes;
}

test.each([
  ['2^31 bytes', integers(1, 1, 2 ** 31)],
  ['33 MiB', integers(1, 1, 33 * 1024 * 1024)],
  ['33 MiB in two buffers', Buffer.concat([integers(1, 2, 1), Buffer.from('x'), integers(33 * 1024 * 1024)])],
  ['2^31 buffers', integers(1, 2 ** 31)],
  ['2^31 - 1 buffers', integers(1, 2 ** 31 - 1)],
  ['text', Buffer.from('GET / HTTP/1.1\r\n')],
])('a frame of %s is refused at its head', (_, head) => {
  const calls = new FlumeCalls(new Inbox(), settings, silent);
  expect(() => calls.push(head)).toThrow(Refused);
  expect(calls.held).toBeLessThan(100);
});

describe('calls', () => {
  let inbox: Inbox;
  let calls: FlumeCalls;
  let complaints: Refused[];
  let answers: Frame[];
  let reading: AsyncGenerator<Buffer>;

  beforeEach(() => {
    inbox = new Inbox();
    complaints = [];
    answers = [];
    const frames = new FrameReader();
    calls = new FlumeCalls(inbox, settings, {
      ...silent,
      send: (bytes) => answers.push(...frames.push(bytes)),
      complain: (why) => complaints.push(why),
    });
    reading = inbox.read();
  });

  /** A client of avsc, whose bytes go to and fro. */
  function clientOf(schema: object): Client {
    const service = avro.Service.forProtocol(schema);
    const stream = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _, done) => {
        own.push(bytes);
        done();
      },
    });
    const own = new FlumeCalls(inbox, settings, {
      ...silent,
      send: (bytes) => stream.push(bytes),
      complain: (why) => complaints.push(why),
    });
    calls = own;
    const client = service.createClient() as unknown as AvscClient;
    client.createChannel(stream);
    const call =
      (name: 'append' | 'appendBatch') =>
      (parameter: unknown): Promise<string> =>
        new Promise((resolve, reject) => {
          client[name](parameter, (error, answer) => (error ? reject(error) : resolve(answer as string)));
        });
    return { append: call('append'), appendBatch: call('appendBatch') };
  }

  async function next(): Promise<Event[]> {
    const { value } = (await reading.next()) as { value: Buffer };
    const found = linesIn(value);
    inbox.markSafe();
    return found;
  }

  const two = [
    { headers: { host: 'a' }, body: Buffer.from('one') },
    { headers: {}, body: Buffer.from('two\nlines') },
  ];

  test.each([
    ['whose protocol has the same text', protocol],
    ['whose protocol says the same in other words', { ...protocol, doc: 'a licence' }],
  ])('of a client %s are answered once they are safe', async (_, schema) => {
    const client = clientOf(schema);
    const batch = client.appendBatch(two);
    expect(await next()).toEqual(two);
    expect(await batch).toBe('OK');
    const one = client.append(two[0] as Event);
    expect(await next()).toEqual([two[0]]);
    expect(await one).toBe('OK');
    expect(await client.appendBatch([])).toBe('OK');
    expect(complaints).toEqual([]);
  });

  test('nothing is answered before', async () => {
    const client = clientOf(protocol);
    let answer: string | undefined;
    void client.appendBatch(two).then((status) => (answer = status));
    await reading.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(answer).toBeUndefined();
    expect(calls.unanswered).toBe(1);
    inbox.markSafe();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(answer).toBe('OK');
  });

  test('of a client that is gone are taken back, if they are not on their way', () => {
    const client = clientOf(protocol);
    client.appendBatch(two).catch(() => undefined);
    calls.close();
    inbox.end();
    return expect(reading.next()).resolves.toMatchObject({ done: true });
  });

  test('of another protocol are answered with why they are not taken', async () => {
    const schema = JSON.parse(protocolText.replace('"bytes"', '"string"')) as object;
    const client = clientOf(schema);
    await expect(
      client.appendBatch(two.map(({ body, ...one }) => ({ ...one, body: String(body) })) as never),
    ).rejects.toThrow();
    expect(complaints.map(({ message }) => message)).toEqual([
      'speaks another protocol than Flume: its append is not that of Flume',
    ]);
  });

  describe('handshakes of Java', () => {
    const other = Buffer.alloc(16, 7);

    /** The first call of a connection, as the Requestor attaches it to its handshake. */
    function call(
      serial: number,
      {
        client = protocolHash,
        text = undefined as string | undefined,
        server = protocolHash,
        name = 'appendBatch',
      },
    ): AvroReader {
      const writer = new AvroWriter().raw(client);
      if (text === undefined) writer.integer(0);
      else writer.integer(1).text(text);
      writer.raw(server).integer(0).integer(0).text(name);
      if (name !== '') writer.raw(batchType.toBuffer({ events: two }));
      calls.push(frameOf(serial, writer.bytes));
      inbox.markSafe();
      return new AvroReader(answers.at(-1)?.payload ?? Buffer.alloc(0));
    }

    function readHandshake(reader: AvroReader): {
      matched: number;
      text: string | undefined;
      hash: Buffer | undefined;
    } {
      const matched = reader.integer();
      const text = reader.integer() === 0 ? undefined : reader.text();
      const hash = reader.integer() === 0 ? undefined : Buffer.from(reader.fixed(16));
      expect(reader.integer()).toBe(0);
      return { matched, text, hash };
    }

    test('who has the same hashes is told BOTH, and nothing else', async () => {
      call(1, { name: '' });
      expect(readHandshake(new AvroReader((answers[0] as Frame).payload))).toEqual({
        matched: match.both,
        text: undefined,
        hash: undefined,
      });
    });

    test('who has another hash of the server gets its protocol: CLIENT', () => {
      const reader = call(1, { server: other, name: '' });
      expect(readHandshake(reader)).toEqual({
        matched: match.client,
        text: protocolText,
        hash: protocolHash,
      });
      expect(reader.isOver).toBe(true);
    });

    test.each([
      ['knows the server', protocolHash],
      ['does not know the server', other],
    ])(
      'who is not known and %s is told NONE with the protocol, calls again, and is known',
      async (_, server) => {
        const client = Buffer.from(`unknown ${_}`.padEnd(16).slice(0, 16));
        const none = call(1, { client, server });
        expect(readHandshake(none)).toEqual({ matched: match.none, text: protocolText, hash: protocolHash });
        expect(none.isOver).toBe(true);
        const text = JSON.stringify({ ...protocol, doc: _ });
        const pending = reading.next();
        call(2, { client, server, text });
        expect(linesIn((await pending).value as Buffer)).toEqual(two);
        inbox.markSafe();
        const answer = answers.at(-1) as Frame;
        expect(answer.serial).toBe(2);
        const reader = new AvroReader(answer.payload);
        expect(readHandshake(reader).matched).toBe(server === protocolHash ? match.both : match.client);
        expect([reader.integer(), reader.integer(), reader.integer(), reader.isOver]).toEqual([
          0,
          0,
          0,
          true,
        ]);
        // From now on there is no handshake.
        const later = new AvroWriter()
          .integer(0)
          .text('appendBatch')
          .raw(batchType.toBuffer({ events: two }));
        const second = reading.next();
        calls.push(frameOf(3, later.bytes));
        await second;
        inbox.markSafe();
        expect(answers.at(-1)).toEqual({ serial: 3, payload: Buffer.from([0, 0, 0]) });
      },
    );

    test('a call that is not there is answered with an error', () => {
      call(1, { name: 'appendAll' });
      expect(answers[0]?.payload.toString('latin1')).toContain('called what is not there: appendAll');
      expect(complaints).toHaveLength(1);
    });
  });
});

test.each([
  ['documentation', { ...protocol, doc: 'x' }, undefined],
  [
    'texts as Java has them',
    replaced('"values":"string"', '"values":{"type":"string","avro.java.string":"String"}'),
    undefined,
  ],
  ['another type of bodies', replaced('"bytes"', '"string"'), 'its append is not that of Flume'],
  [
    'another answer',
    replaced('["OK","FAILED","UNKNOWN"]', '["FAILED","OK"]'),
    'its status is not that of Flume',
  ],
  ['other calls', { ...protocol, messages: {} }, 'it has neither append nor appendBatch'],
  ['a list', [], 'its protocol is no JSON of Avro'],
])('a protocol with %s', (_, other, misfit) => {
  expect(misfitOf(JSON.stringify(other))).toBe(misfit);
});

function replaced(part: string, by: string): object {
  expect(protocolText).toContain(part);
  return JSON.parse(protocolText.replace(part, by)) as object;
}

test('a protocol of types that double with each level is refused at once', () => {
  const types = Array.from({ length: 60 }, (_, level) => ({
    type: 'record',
    name: `T${level}`,
    fields: ['a', 'b'].map((name) => ({ name, type: level < 59 ? `T${level + 1}` : 'string' })),
  }));
  const request = [{ name: 'event', type: 'T0' }];
  const bomb = { protocol: 'AvroSourceProtocol', types, messages: { append: { request, response: 'T0' } } };
  expect(misfitOf(JSON.stringify(bomb))).toBe('its protocol is no JSON of Avro');
});
