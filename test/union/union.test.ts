import * as fc from 'fast-check';
import { FurtherPositions } from '../../src/stage/further-positions.ts';
import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { UnionCore } from '../../src/union/union.ts';
import { unionOrder } from '../../src/union/order.ts';
import { batch, envelope, recordsOf } from '../helpers/envelopes.ts';
import { runMerged, stream } from '../helpers/streams.ts';

const union = (...streams: (readonly Envelope[])[]): Promise<Envelope[]> =>
  runMerged(
    new UnionCore(new FurtherPositions()),
    streams.map((envelopes, index) => stream(`s${index}`, envelopes)),
    { order: unionOrder(), takesBlocks: true },
  );

const timed = (number: number, from: number, text: string): Envelope =>
  batch(number, [text], { from, to: from + 10 });

const told = (outputs: readonly Envelope[]): string[] =>
  outputs.map((output) => {
    const { batch: number, part, last, from, end } = output.header;
    return (
      end ??
      `${number}.${part}${last ? '!' : ''}${from === undefined ? '' : `@${from}`} ${(recordsOf([output]) as string[]).join()}`
    );
  });

describe('batch k is batch k of each, in the order named', () => {
  test('parts are numbered anew, and the last one is the last', async () => {
    const parts = [
      envelope(['a'], { batch: 0, part: 0, last: false }),
      envelope(['b'], { batch: 0, part: 1, last: true }),
    ];
    expect(told(await union(parts, [batch(0, ['c']), batch(1, ['d'])]))).toEqual([
      '0.0 a',
      '0.1 b',
      '0.2! c',
      '1.0! d',
      'ok',
    ]);
  });

  test('intervals are kept; batches of one interval go together, whatever their numbers', async () => {
    const outputs = await union(
      [timed(5, 0, 'a'), timed(6, 10, 'b')],
      [timed(0, 10, 'c'), timed(1, 20, 'd')],
    );
    expect(told(outputs)).toEqual(['5.0!@0 a', '6.0@10 b', '6.1!@10 c', '7.0!@20 d', 'ok']);
  });

  test('of batches with an interval and without, the union has none', async () => {
    expect(told(await union([timed(0, 0, 'a')], [batch(0, ['b'])]))).toEqual(['0.0 a', '0.1! b', 'ok']);
  });

  test('batches are numbered on where a stream that began later goes on alone', async () => {
    const outputs = await union([batch(0, ['a'])], [batch(7, ['b']), batch(8, ['c'])]);
    expect(told(outputs)).toEqual(['0.0! a', '1.0! b', '2.0! c', 'ok']);
  });

  test('how rows were reduced is kept, so that they can be merged', async () => {
    const reduced = { keys: ['k'], aggregates: { count: 'count' } };
    const [output] = await union([batch(0, [{ k: 1, count: 1 }], { reduced })], []);
    expect(output?.header).toEqual({ v: 1, batch: 0, part: 0, last: true, n: 1, reduced });
  });

  test('blocks are handed on', async () => {
    expect((await union([envelope(['a'])], [envelope(['b'])])).map(({ header }) => header)).toEqual([
      { v: 1, n: 1 },
      { v: 1, n: 1 },
      { v: 1, n: 0, end: 'ok' },
    ]);
  });

  test('windows are refused', async () => {
    await expect(union([batch(0, [], { closed: [] })], [])).rejects.toThrow(
      'these records are in windows already',
    );
  });
});

test('each record once, batch by batch, whichever stream is faster', async () => {
  const batches = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { maxLength: 5 });
  const pauses = fc.array(fc.nat(2), { maxLength: 3 });
  const property = fc.asyncProperty(
    fc.array(fc.tuple(batches, pauses), { minLength: 1, maxLength: 4 }),
    async (all) => {
      const streams = all.map(([list, slow], index) =>
        stream(
          `s${index}`,
          list.map((records, number) => batch(number, records)),
          endEnvelope('ok'),
          slow,
        ),
      );
      const outputs = await runMerged(new UnionCore(new FurtherPositions()), streams, {
        order: unionOrder(),
        takesBlocks: true,
      });
      const length = Math.max(...all.map(([list]) => list.length));
      const expected = Array.from({ length }, (_, number) => all.flatMap(([list]) => list[number] ?? []));
      const actual = Array.from({ length }, (_, number) =>
        recordsOf(outputs.filter(({ header }) => header.batch === number)),
      );
      expect(actual).toEqual(expected);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
