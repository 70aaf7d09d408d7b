import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refused } from '../../../src/ingest/receivers/complaints.ts';
import { Inbox } from '../../../src/ingest/receivers/inbox.ts';
import { parseMessage } from '../../../src/ingest/receivers/messages.ts';
import { SyslogReading } from '../../../src/ingest/receivers/syslog.ts';

const limit = 64;

/** The messages that come of `chunks`, and how many were cut off. */
async function read(chunks: readonly Buffer[]): Promise<{ messages: string[]; cut: number }> {
  const inbox = new Inbox();
  const reading = new SyslogReading(inbox, limit);
  for (const chunk of chunks) reading.push(chunk);
  reading.end();
  inbox.end();
  const messages: string[] = [];
  for await (const bytes of inbox.read())
    for (const line of bytes.toString('latin1').split('\n').slice(0, -1))
      messages.push(
        parseMessage(Buffer.from(`${line}\n`, 'latin1'))
          .message.toString()
          .slice(0, -1),
      );
  return { messages, cut: reading.cut };
}

const text = fc.string({ minLength: 1, maxLength: limit - 4, unit: 'grapheme-ascii' });

test('property: messages with their length and lines, mixed, however the bytes come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ isCounted: fc.boolean(), text, hasBreak: fc.boolean() }), { maxLength: 10 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
      async (sent, sizes) => {
        const expected: string[] = [];
        const wire = sent.map(({ isCounted, text: body, hasBreak }) => {
          const message = `<13>${body.replaceAll('\n', '')}${isCounted && hasBreak ? '\nmore' : ''}`.slice(
            0,
            limit,
          );
          expected.push(message.replace(/\n$/, ''));
          return isCounted ? `${Buffer.byteLength(message)} ${message}` : `${message}\n`;
        });
        let rest = Buffer.from(wire.join(''));
        const chunks: Buffer[] = [];
        while (rest.length > 0) {
          const size = sizes.next().value as number;
          chunks.push(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        expect(await read(chunks)).toEqual({ messages: expected, cut: 0 });
      },
    ),
  );
});

test('a message that is too long is cut off, and what follows is whole', async () => {
  const long = `<13>${'x'.repeat(1000)}`;
  const wire = Buffer.from(`${long.length} ${long}9 <13>after`);
  for (const size of [1, 7, 100, 2000]) {
    const chunks = Array.from({ length: Math.ceil(wire.length / size) }, (_, index) =>
      wire.subarray(index * size, (index + 1) * size),
    );
    expect(await read(chunks)).toEqual({ messages: [long.slice(0, limit), '<13>after'], cut: 1 });
  }
});

test.each([
  ['a length that is none', '12x <13>a'],
  ['a length beyond all measure', '123456789 <13>a'],
  ['a line that does not end', `<13>${'x'.repeat(100)}`],
])('%s is refused', async (_, wire) => {
  await expect(read([Buffer.from(wire)])).rejects.toThrow(Refused);
});

test('who breaks off within a message is refused', async () => {
  await expect(read([Buffer.from('20 <13>half')])).rejects.toThrow('broke off within a message');
});
