import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { DedupCore, type DedupPlan } from '../../src/dedup/dedup.ts';
import { keyFields } from '../../src/join/key.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import type { TimeOf } from '../../src/time/time-of.ts';
import { LateRecords } from '../../src/window/late.ts';
import { batch, envelope, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

const time: TimeOf = (record) => {
  const value = (record as { t?: Json }).t;
  return typeof value === 'number' ? value : 'it has no t';
};
const core = (plan: Partial<DedupPlan> = {}): DedupCore =>
  new DedupCore({ keys: keyFields('by', ['id']), maxKeys: 1000, ...plan }, failOnReject);
const lateRecords = (): LateRecords => new LateRecords(undefined, 'dedup', '--within');
const forgetting = { within: 10, time, late: lateRecords() };

const at = (id: Json, t: number): Json => ({ id, t });
const batches = (...all: Json[][]): Envelope[] => all.map((records, number) => batch(number, records));

describe('without a time', () => {
  test('the first record of each id stays, in all of the stream', () => {
    const inputs = batches(
      [
        { id: 1, n: 1 },
        { id: 1, n: 2 },
        { id: '1', n: 3 },
      ],
      [
        { id: 1, n: 4 },
        { id: 2, n: 5 },
      ],
    );
    const dedup = core();
    const outputs = runAll(dedup, inputs);
    expect(recordsOf(outputs)).toEqual([
      { id: 1, n: 1 },
      { id: '1', n: 3 },
      { id: 2, n: 5 },
    ]);
    expect(outputs.map(({ header }) => header.n)).toEqual([2, 1, 0]);
    expect(dedup.counters()).toEqual({ duplicates: 2 });
    expect(dedup.counters()).toEqual({});
  });

  test('several fields are one id; one of them may be missing', () => {
    const records = [{ a: 1 }, { a: 1, b: null }, { a: 1, b: 2 }, { b: 2 }];
    expect(recordsOf(runAll(core({ keys: keyFields('by', ['a,b']) }), batches(records)))).toEqual([
      { a: 1 },
      { a: 1, b: 2 },
      { b: 2 },
    ]);
  });

  test('columns of lines', () => {
    const lines = ['GET a', 'PUT a', 'GET b'];
    expect(recordsOf(runAll(core({ keys: keyFields('by', ['$2']) }), batches(lines)))).toEqual([
      'GET a',
      'GET b',
    ]);
  });

  test('blocks and payloads pass as they are where nothing is left out', () => {
    const input = envelope([{ id: 1.5e3 }]);
    expect(runAll(core(), [input])[0]).toEqual(input);
  });

  test('records keep their bytes where others are left out', () => {
    const payload = Buffer.from('{"id":1.0},{"id":1},{"id" : 9007199254740993}');
    const [output] = runAll(core(), [{ header: { v: 1, n: 3 }, payload }]);
    expect(output?.payload.toString()).toBe('{"id":1.0},{"id" : 9007199254740993}');
  });

  test('a record without an id is rejected', () => {
    expect(failureOf(() => runAll(core(), batches([{ id: 1 }, { x: 1 }])))).toBe(
      'badData: batch 0, part 0, record 2: it has no id to tell it by',
    );
  });

  test('more ids than --max-keys are an error', () => {
    const ids = batches([{ id: 1 }, { id: 2 }, { id: 1 }, { id: 3 }]);
    expect(failureOf(() => runAll(core({ maxKeys: 2 }), ids))).toBe('badData: more than 2 ids to remember');
    expect(recordsOf(runAll(core({ maxKeys: 3 }), ids))).toHaveLength(3);
  });
});

describe('with a time: an id is forgotten when the watermark passes its first record by within', () => {
  test.each<[string, Json[][], string]>([
    // The watermark of a batch is the newest time of those before, less 10.
    ['a copy in the same batch', [[at('a', 1), at('a', 500)]], 'a1'],
    ['a copy while the watermark is at most 11', [[at('a', 1)], [at('b', 21)], [at('a', 25)]], 'a1 b21'],
    ['a copy behind it', [[at('a', 1)], [at('b', 22)], [at('a', 25)]], 'a1 b22 a25'],
    ['a late record, before the watermark', [[at('b', 30)], [at('a', 19), at('c', 20)]], 'b30 c20'],
    [
      'time is of the first record, also where the copy is newer',
      [[at('a', 1)], [at('a', 11)], [at('b', 22)], [at('a', 22)]],
      'a1 b22 a22',
    ],
  ])('%s', (_name, all, expected) => {
    const kept = recordsOf(runAll(core({ forgetting }), batches(...all))) as { id: string; t: number }[];
    expect(kept.map(({ id, t }) => `${id}${t}`).join(' ')).toBe(expected);
  });

  test('late ones are counted apart and told of', () => {
    const late = lateRecords();
    const dedup = core({ forgetting: { ...forgetting, late } });
    runAll(dedup, batches([at('b', 30)], [at('a', 19), at('b', 31)]));
    expect(dedup.counters()).toEqual({ late: 1, duplicates: 1 });
    expect(late.warnings()[0]?.message).toBe(
      '1 record left out as late; the first: batch 1, part 0, record 1: 1970-01-01T00:00:00.019Z is too late: the watermark is 1970-01-01T00:00:00.020Z',
    );
  });

  test('memory is bounded by what is recent', () => {
    const long = batches(...Array.from({ length: 3000 }, (_, index) => [at(index, index)]));
    expect(recordsOf(runAll(core({ forgetting, maxKeys: 22 }), long))).toHaveLength(3000);
    expect(failureOf(() => runAll(core({ forgetting, maxKeys: 20 }), long))).toContain('more than 20 ids');
  });

  test('it needs batches, and a time in each record', () => {
    expect(failureOf(() => runAll(core({ forgetting }), [envelope([at(1, 1)])]))).toContain(
      'usage: dedup --within reads batches',
    );
    expect(failureOf(() => runAll(core({ forgetting }), batches([{ id: 1 }])))).toContain('it has no t');
  });
});

test('however batches are cut into parts: the same records; and the first of each id, as a loop finds them', () => {
  const record = fc.record({ id: fc.nat(5), n: fc.nat(99) });
  fc.assert(
    fc.property(fc.array(fc.array(record, { maxLength: 6 }), { maxLength: 6 }), (all) => {
      const parts = all.map((records, part) =>
        envelope(records, { batch: 0, part, last: part === all.length - 1 }),
      );
      const flat = all.flat();
      const first = flat.filter(({ id }, index) => flat.findIndex((other) => other.id === id) === index);
      expect(recordsOf(runAll(core(), parts))).toEqual(first);
      expect(recordsOf(runAll(core(), batches(flat)))).toEqual(first);
    }),
  );
});
