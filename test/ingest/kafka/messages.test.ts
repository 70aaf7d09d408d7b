// What a fetch brought, in pieces of any size.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Piece } from '../../../src/ingest/kafka/messages.ts';
import { failureOf } from '../../helpers/envelopes.ts';
import { javaBatch } from '../../kafka/java-batches.ts';
import { markAt, valuesAt } from '../../kafka/support.ts';
import { batchOf, endless, fetched, keeping, read, recordsOf } from './support.ts';

describe('a value that stops the stage', () => {
  test.each([
    ['lines', ['1', '2', 'x', '3', 'y']],
    ['lines with line ends', ['1\n', '2', 'x', '3', 'y']],
  ])('comes behind what is ahead of it: %s', async (_name, values) => {
    const messages = fetched(await batchOf(values, 10), { format: 'json', from: 10 });
    const piece = messages.take(endless, endless);
    expect(recordsOf(piece)).toEqual([1, 2]);
    expect(piece.until).toBe(12);
    expect(messages.isOver).toBe(false);
    for (let times = 0; times < 2; times += 1)
      expect(failureOf(() => messages.take(endless, endless))).toMatch(
        /^badData: orders\/3, offset 12: no JSON/,
      );
  });

  test('as a damaged record does', () => {
    const last = valuesAt(2, ['c', 'd']);
    // The length of its second record.
    last.writeUInt8(0x7e, 69);
    const messages = fetched(Buffer.concat([valuesAt(0, ['a', 'b']), last]));
    const piece = messages.take(endless, endless);
    expect(recordsOf(piece)).toEqual(['a', 'b', 'c']);
    expect(piece.until).toBe(3);
    expect(messages.isOver).toBe(false);
    expect(failureOf(() => messages.take(endless, endless))).toBe(
      'badData: the record batch at offset 2 is damaged',
    );
  });

  test('and a batch whose records cannot be read at all', () => {
    const last = Buffer.from(javaBatch('gzip'));
    last[100] = (last[100] as number) ^ 1;
    const messages = fetched(Buffer.concat([valuesAt(998, ['a', 'b']), last]), { from: 998 });
    expect(messages.take(endless, endless)).toMatchObject({ count: 2, until: 1000 });
    expect(failureOf(() => messages.take(endless, endless))).toBe(
      'badData: the record batch at offset 1000 is damaged',
    );
  });
});

describe('what is taken', () => {
  const bytes = Buffer.concat([valuesAt(10, ['a', 'b', 'c']), valuesAt(20, ['d', 'e'])]);

  test('begins at the offset that is wanted, within a batch', () => {
    for (const [from, records] of [
      [0, 'abcde'],
      [11, 'bcde'],
      [13, 'de'],
      [21, 'e'],
      [22, ''],
    ] as const)
      expect(read(bytes, { from }).records.join('')).toBe(records);
  });

  test('is at most so many messages', () => {
    const messages = fetched(bytes, { from: 10 });
    const piece = messages.take(2, endless);
    expect([recordsOf(piece), piece.messages, piece.until]).toEqual([['a', 'b'], 2, 12]);
    expect(messages.take(0, endless)).toMatchObject({ count: 0, messages: 0, until: 12 });
    expect(messages.take(1, endless)).toMatchObject({ count: 1, until: 13 });
    expect(messages.isOver).toBe(false);
    expect(messages.take(9, endless)).toMatchObject({ count: 2, until: 22 });
    expect(messages.isOver).toBe(true);
  });

  test('ends in front of an offset, also of one that is not there', () => {
    const messages = fetched(bytes, { from: 10 });
    expect(messages.take(endless, 12)).toMatchObject({ count: 2, until: 12 });
    expect(messages.take(endless, 17)).toMatchObject({ count: 1, until: 17 });
    expect(messages.position).toBe(17);
    expect(messages.take(endless, 21)).toMatchObject({ count: 1, until: 21 });
    expect(messages.take(endless, endless)).toMatchObject({ count: 1, until: 22 });
  });

  test('tombstones count as messages, not as records', async () => {
    const messages = fetched(await batchOf(['a', null, null, 'b']));
    expect(messages.take(3, endless)).toMatchObject({ count: 1, messages: 3, until: 3 });
  });

  test('goes on behind what is left out at the end', () => {
    const one = { producer: 1n, isTransactional: true };
    const all = Buffer.concat([valuesAt(0, ['a']), valuesAt(1, ['b', 'c'], one), markAt(3, 'abort', 1n)]);
    const messages = fetched(all, { aborted: [{ producer: 1n, first: 1 }] });
    const piece = messages.take(endless, endless);
    expect(recordsOf(piece)).toEqual(['a']);
    expect(piece.until).toBe(4);
    expect(messages.isOver).toBe(true);
  });

  test('of nothing that can be read there is nothing, and it is over', () => {
    for (const part of [Buffer.alloc(0), bytes.subarray(0, 70)])
      expect(fetched(part, { from: 10 })).toMatchObject({ isOver: true, end: 10, position: 10 });
  });

  test('is a piece at a time, of about a mebibyte', () => {
    const value = 'x'.repeat(400_000);
    const messages = fetched(valuesAt(0, [value, value, value, value, value]), { maxRecord: 1e6 });
    expect([messages.take(endless, endless).count, messages.take(endless, endless).count]).toEqual([3, 2]);
    expect(messages.isOver).toBe(true);
  });
});

describe('property: however it is split', () => {
  const value = fc.option(
    fc.oneof(fc.constantFrom('', '1', 'x', '[1,\n2]', '\r', '"ä"'), fc.string({ maxLength: 8 })),
    { freq: 6 },
  );
  const batches = fc.array(
    fc.record({
      gap: fc.integer({ min: 0, max: 3 }),
      values: fc.array(value, { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const steps = fc.array(
    fc.record({ most: fc.integer({ min: 0, max: 5 }), ahead: fc.option(fc.integer({ min: 1, max: 8 })) }),
    { minLength: 1, maxLength: 60 },
  );

  test.each([
    { format: 'lines', withMeta: false },
    { format: 'lines', withMeta: true },
    { format: 'json', withMeta: false },
    { format: 'json', withMeta: true },
  ] as const)('records and offsets are the same: %j', async (settings) => {
    await fc.assert(
      fc.asyncProperty(batches, steps, fc.boolean(), async (given, taking, readsAnew) => {
        let offset = 0;
        const written: Buffer[] = [];
        for (const { gap, values } of given) {
          offset += gap;
          written.push(await batchOf(values, offset));
          offset += values.length;
        }
        const bytes = Buffer.concat(written);
        const reading = { ...settings, rejects: keeping() };
        const whole = read(bytes, reading);
        let messages = fetched(bytes, reading);
        const pieces: Piece[] = [];
        for (let step = 0; !messages.isOver; step += 1) {
          // Steps that take nothing come to an end.
          const { most, ahead } =
            step < 200
              ? (taking[step % taking.length] as (typeof taking)[0])
              : { most: endless, ahead: null };
          const { position } = messages;
          const until = ahead === null ? endless : position + ahead;
          const piece = messages.take(most, until);
          pieces.push(piece);
          expect(piece.messages).toBeLessThanOrEqual(most);
          expect(piece.until).toBe(messages.position);
          expect(piece.until).toBeGreaterThanOrEqual(position);
          expect(piece.until).toBeLessThanOrEqual(until);
          // Who reads from there on gets the same.
          if (readsAnew) messages = fetched(bytes, { ...reading, from: piece.until });
        }
        expect(recordsOf(...pieces)).toEqual(whole.records);
        expect(messages.position).toBe(offset);
        expect(messages.end).toBe(offset);
      }),
      { numRuns: 150 },
    );
  });
});
