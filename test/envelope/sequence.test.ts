import { describe, expect, test } from 'vitest';
import { endEnvelope, type Header } from '../../src/envelope/envelope.ts';
import { EnvelopeSequence, requireBatch } from '../../src/envelope/sequence.ts';
import { envelope, failureOf } from '../helpers/envelopes.ts';

type Place = Omit<Header, 'n'>;

/** Each header as placed; the last one may be refused, which is then the text at its place. */
function placed(headers: readonly Place[]): (Place | string)[] {
  const sequence = new EnvelopeSequence();
  return headers.map((header, index) => {
    let result: Place = {};
    const failure = failureOf(() => {
      const { header: full } = sequence.place(
        { header: { ...header, n: 0 }, payload: Buffer.alloc(0) },
        index + 1,
      );
      const { n: _, ...place } = full;
      result = place;
    });
    return failure === 'no error' ? result : failure;
  });
}

const outOfOrder = 'badData: envelope out of order, line ';

describe('a stream in order', () => {
  test.each([
    {
      name: 'batches of several parts',
      headers: [
        { batch: 4, part: 0, last: false },
        { batch: 4, part: 1, last: true },
        { batch: 5, part: 0, last: true },
      ],
    },
    { name: 'blocks have no place', headers: [{ v: 1 }, { v: 1 }, { v: 1, end: 'ok' as const }] },
    {
      name: 'an end may come in the middle of a batch',
      headers: [
        { v: 1, batch: 0, part: 0, last: false },
        { v: 1, end: 'failed' as const },
      ],
    },
  ])('$name', ({ headers }) => {
    expect(placed(headers)).toEqual(headers);
  });

  test('what a hand-made envelope leaves out is filled in', () => {
    expect(placed([{}, {}, { batch: 2 }, { part: 0 }, { part: 1, last: true }])).toEqual([
      { batch: 0, part: 0, last: true },
      { batch: 1, part: 0, last: true },
      { batch: 2, part: 0, last: true },
      { batch: 3, part: 0, last: false },
      { batch: 3, part: 1, last: true },
    ]);
  });

  test('a stream is ours once an envelope carries a version', () => {
    const sequence = new EnvelopeSequence();
    sequence.place({ header: { n: 0 }, payload: Buffer.alloc(0) }, 1);
    expect(sequence.isOurs).toBe(false);
    sequence.place(envelope([]), 2);
    expect(sequence.isOurs).toBe(true);
  });
});

describe('a stream out of order', () => {
  test.each([
    {
      name: 'a part is missing',
      headers: [
        { batch: 0, part: 0, last: false },
        { batch: 0, part: 2, last: true },
      ],
      why: '2: part 2 of batch 0 comes where part 1 is due',
    },
    {
      name: 'the first part is missing',
      headers: [{ batch: 0, part: 1, last: true }],
      why: '1: part 1 of batch 0 comes where part 0 is due',
    },
    {
      name: 'a part twice',
      headers: [
        { batch: 0, part: 0, last: false },
        { batch: 0, part: 0, last: false },
      ],
      why: '2: part 0 of batch 0 comes where part 1 is due',
    },
    {
      name: 'another writer in the middle of a batch',
      headers: [
        { batch: 0, part: 0, last: false },
        { batch: 1, part: 0, last: true },
      ],
      why: '2: batch 1 begins, but batch 0 is not closed by a last part',
    },
    {
      name: 'a batch twice',
      headers: [{ batch: 0 }, { batch: 0 }],
      why: '2: batch 0 comes where batch 1 is due',
    },
    {
      name: 'a batch is missing',
      headers: [{ batch: 0 }, { batch: 2 }],
      why: '2: batch 2 comes where batch 1 is due',
    },
    {
      name: 'a batch behind the end',
      headers: [{ v: 1, end: 'ok' as const }, { batch: 0 }],
      why: '2: it follows the end of the stream',
    },
    {
      name: 'a second end',
      headers: [
        { v: 1, end: 'ok' as const },
        { v: 1, end: 'ok' as const },
      ],
      why: '2: it follows the end of the stream',
    },
  ])('$name', ({ headers, why }) => {
    expect(placed(headers).at(-1)).toBe(outOfOrder + why);
  });
});

test('a stage that needs batches says what to put in between', () => {
  expect(failureOf(() => requireBatch({ n: 0, batch: 0 }, 'reduce'))).toBe('no error');
  expect(failureOf(() => requireBatch(endEnvelope('ok').header, 'reduce'))).toBe(
    'usage: reduce reads batches, and these records come in blocks',
  );
});
