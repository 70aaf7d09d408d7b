// What a map says of the parts that it makes.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../src/envelope/envelope.ts';
import { EnvelopeSequence } from '../../src/envelope/sequence.ts';
import { batch, envelope, recordsOf, runAll } from '../helpers/envelopes.ts';
import { makeMap, mapped } from '../helpers/map.ts';

const window = { start: 0, end: 10_000 };
const header: Header = {
  v: 1,
  batch: 3,
  part: 0,
  last: true,
  n: 2,
  from: 0,
  to: 1000,
  pane: window,
  closed: [window],
  open: [window],
  watermark: 5,
  checkpoint: 3,
};

describe('headers', () => {
  test('stay, whatever becomes of the records', async () => {
    for (const words of [
      ['--filter', 'a=1'],
      ['--filter', 'r => r.a < 2'],
      ['--map', 'r => 1'],
      ['--limit', '1'],
    ]) {
      const [output] = await mapped(words, [envelope([{ a: 1 }, { a: 2 }], header)]);
      const n = words[0] === '--map' ? 2 : 1;
      expect(output?.header).toEqual({ ...header, n });
    }
  });

  test('a part that grows becomes several, and the last one says what comes of the batch', async () => {
    const inputs = [
      envelope([{ l: ['aaaa', 'bbbb', 'cccc'] }], { ...header, last: false }),
      envelope([{ l: ['d'] }, { l: ['eeee', 'ffff'] }], { ...header, part: 1 }),
      envelope([{ l: [] }], { ...header, batch: 4, part: 0 }),
    ];
    const outputs = await mapped(['--explode', 'l'], inputs, { partSize: 30 });
    expect(
      outputs.slice(0, -1).map(({ header: { batch: number, part, last, n, pane, closed } }) => ({
        number,
        part,
        last,
        n,
        pane,
        closed,
      })),
    ).toEqual([
      { number: 3, part: 0, last: false, n: 2, pane: window },
      { number: 3, part: 1, last: false, n: 1, pane: window, closed: [window] },
      { number: 3, part: 2, last: false, n: 2, pane: window },
      { number: 3, part: 3, last: true, n: 1, pane: window, closed: [window] },
      { number: 4, part: 0, last: true, n: 0, pane: window, closed: [window] },
    ]);
    expect(outputs[2]?.header.checkpoint).toBeUndefined();
  });
});

describe('rows of a reduce', () => {
  const reduced = { keys: ['a'], aggregates: { count: 'count' } };
  const rows = [
    { a: 'x', count: 1 },
    { a: '_other', count: 3 },
  ];
  const input = batch(0, rows, { reduced, overflow: 3 });

  test('that are left as they are can still be merged', async () => {
    expect((await mapped(['--filter', 'count>0'], [input]))[0]?.header).toMatchObject({
      reduced,
      overflow: 3,
    });
    expect((await mapped(['--filter', 'count>1'], [input]))[0]?.header).toMatchObject({
      reduced,
      overflow: 3,
      n: 1,
    });
    const [without] = await mapped(['--filter', 'count<2'], [input]);
    expect(without?.header.reduced).toEqual(reduced);
    expect(without?.header.overflow).toBeUndefined();
  });

  test('that are changed are rows still, but none to merge', async () => {
    const [changed] = await mapped(
      ['--drop', 'a'],
      [batch(0, rows, { reduced: { ...reduced, mode: 'update' }, overflow: 3 })],
    );
    expect(changed?.header.reduced).toEqual({ keys: [], aggregates: {}, mode: 'update' });
    expect(changed?.header.overflow).toBeUndefined();
  });
});

test.each([
  [['--filter', '$0>3', '--sample', '0.7', '--limit', '9']],
  [['--flat-map', 'r => Array(r % 4).fill(r)', '--filter', 'r => r > 1', '--limit', '11', '--sample', '0.8']],
  [['--map', 'r => ({ l: [r, r], r })', '--explode', 'l', '--rename', 'n=l', '--drop', 'r']],
])('however batches are cut into parts: the same records in a stream that is in order: %j', async (words) => {
  const lists = fc.array(fc.array(fc.nat(9), { maxLength: 6 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(lists, fc.integer({ min: 1, max: 60 }), async (all, partSize) => {
      const make = await makeMap(words, { partSize });
      const parts = all.map((records, part) =>
        envelope(records, { batch: 0, part, last: part === all.length - 1 }),
      );
      const outputs = runAll(make(), parts);
      const sequence = new EnvelopeSequence();
      for (const [index, output] of outputs.entries()) sequence.place(output, index);
      expect(outputs.filter(({ header: { last } }) => last)).toHaveLength(1);
      expect(recordsOf(outputs)).toEqual(recordsOf(runAll(make(), [batch(0, all.flat())])));
    }),
    { numRuns: 50 },
  );
});
