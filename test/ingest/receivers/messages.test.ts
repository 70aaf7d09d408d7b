import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { MessageLines, messagesIn, parseMessage } from '../../../src/ingest/receivers/messages.ts';
import { failOnReject } from '../../../src/stage/rejects.ts';

/** Bytes that mean something more often than chance has them. */
const message = fc
  .array(fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x10, 0x68, 0x6e, 0x72, 0x22, 0x5c), fc.nat(255)), {
    maxLength: 40,
  })
  .map((bytes) => Buffer.from(bytes));
const headers = fc.option(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }), { maxKeys: 4 }), {
  nil: undefined,
});

function add(lines: MessageLines, bytes: Buffer, with_: Record<string, string> | undefined): void {
  if (with_) {
    lines.beginHeaders();
    for (const [index, text] of Object.entries(with_).flat().entries())
      lines.addHeader(Buffer.from(text), 0, Buffer.byteLength(text), index % 2 === 0);
    lines.endHeaders();
  }
  lines.add(bytes, 0, bytes.length);
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = bytes.indexOf(0x0a, at) + 1;
    lines.push(bytes.subarray(at, next));
    at = next;
  }
  return lines;
}

test('property: messages are what they were, whatever is in them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(message, headers), { maxLength: 8 }), (messages) => {
      const lines = new MessageLines(10);
      for (const [bytes, with_] of messages) add(lines, bytes, with_);
      const back = linesOf(lines.bytes).map(parseMessage);
      expect(back.map(({ message: one }) => one.subarray(0, -1).toString('hex'))).toEqual(
        messages.map(([bytes]) => bytes.toString('hex')),
      );
      expect(back.map((one) => one.headers && JSON.parse(one.headers))).toEqual(
        messages.map(([, with_]) => with_ && JSON.parse(JSON.stringify(with_))),
      );
    }),
  );
});

test('a message without anything special is its line', () => {
  const lines = new MessageLines(10);
  add(lines, Buffer.from('plain \t text, ümlaut'), undefined);
  expect(lines.bytes.toString()).toBe('plain \t text, ümlaut\n');
});

describe('records', () => {
  function records(
    format: string,
    withMeta: boolean,
    messages: readonly [string, Record<string, string>?][],
  ): unknown {
    const lines = new MessageLines(10);
    for (const [text, with_] of messages) add(lines, Buffer.from(text), with_);
    const encoded = Array.from(
      messagesIn(formatFrom({ format }, failOnReject), withMeta).encode(lines.bytes, () => 'somewhere'),
    );
    return JSON.parse(
      `[${encoded
        .filter(({ count }) => count > 0)
        .map(({ payload }) => payload.toString())
        .join(',')}]`,
    );
  }

  test('a text may have line ends in it', () => {
    expect(records('lines', false, [['one'], ['two\nlines\r\n'], ['']])).toEqual([
      'one',
      'two\nlines\r\n',
      '',
    ]);
  });

  test('JSON may stand on several lines', () => {
    expect(records('json', false, [['{\n  "a": 1\n}'], ['[2]']])).toEqual([{ a: 1 }, [2]]);
  });

  test('headers are a part of the record where they are wanted, and not where they are not', () => {
    const messages: [string, Record<string, string>?][] = [['{"a":1}', { host: 'web "1"' }], ['{"a":2}']];
    expect(records('json', true, messages)).toEqual([
      { headers: { host: 'web "1"' }, value: { a: 1 } },
      { headers: {}, value: { a: 2 } },
    ]);
    expect(records('json', false, messages)).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
