import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { failOnReject, type Rejects } from '../../src/stage/rejects.ts';
import { batch, envelope, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';

type Options = { by?: string[]; words?: boolean; partial?: boolean; partSize?: number; rejects?: Rejects };

function core(
  expressions: string[],
  { by = [], words = false, partial = false, ...rest }: Options = {},
): ReduceCore {
  const options = { partial, partSize: 1000, rejects: failOnReject, caveats: new Set<string>(), ...rest };
  return new ReduceCore(planFrom({ by, words, partial }, expressions), options);
}

const words = (...texts: string[]): Envelope[] => texts.map((text, index) => batch(index, [text]));

describe('rows of a batch', () => {
  test.each([
    {
      name: 'words',
      reduce: core([], { words: true }),
      records: ['b a', 'a'],
      rows: [
        { word: 'a', count: 2 },
        { word: 'b', count: 1 },
      ],
    },
    {
      name: 'no keys: one row, also for nothing',
      reduce: core(['count', 'sum(x)', 'avg(x)']),
      records: [],
      rows: [{ count: 0, 'sum(x)': 0, 'avg(x)': null }],
    },
    { name: 'keys, none for nothing', reduce: core([], { by: ['x'] }), records: [], rows: [] },
    {
      name: 'a record without the key',
      reduce: core([], { by: ['x'] }),
      records: [{}, { x: null }],
      rows: [{ x: null, count: 2 }],
    },
    {
      name: 'values that are missing or null',
      reduce: core(['count(x)', 'sum(x)', 'min(x)']),
      records: [{}, { x: null }, { x: 5 }],
      rows: [{ 'count(x)': 1, 'sum(x)': 5, 'min(x)': 5 }],
    },
    {
      name: 'columns of text',
      reduce: core(['sum($2)'], { by: ['s=$1'] }),
      records: ['a 1', 'b -', 'a 2'],
      rows: [
        { s: 'a', 'sum($2)': 3 },
        { s: 'b', 'sum($2)': 0 },
      ],
    },
    {
      name: 'big integers as keys',
      reduce: core([], { by: ['id'] }),
      records: [{ id: 9007199254740993n }, { id: 9007199254740992n }],
      rows: [
        { id: 9007199254740992n, count: 1 },
        { id: 9007199254740993n, count: 1 },
      ],
    },
  ])('$name', ({ reduce, records, rows }) => {
    expect(recordsOf(runAll(reduce, [batch(0, records as Json[])]))).toEqual(rows);
  });

  test('a column called __proto__ is a column', () => {
    const [rows] = runAll(core(['__proto__=count']), [batch(0, ['a'])]);
    expect(rows?.payload.toString()).toBe('{"__proto__":1}');
  });

  test('each batch by itself, parts together, empty ones too', () => {
    const inputs = [
      envelope(['a'], { batch: 0, part: 0, last: false }),
      envelope(['b'], { batch: 0, part: 1, last: true }),
      batch(1, []),
    ];
    const headers = runAll(core([], { words: true }), inputs).map(({ header }) => header);
    const reduced = { keys: ['word'], aggregates: { count: 'count' }, words: true };
    expect(headers).toEqual([
      { v: 1, batch: 0, part: 0, last: true, n: 2, reduced },
      { v: 1, batch: 1, part: 0, last: true, n: 0, reduced },
      { v: 1, n: 0, end: 'ok' },
    ]);
  });

  test('many rows leave in parts', () => {
    const envelopes = runAll(core([], { words: true, partSize: 50 }), words('a b c d e'));
    expect(envelopes.map(({ header }) => [header.part, header.last, header.n])).toEqual([
      [0, false, 2],
      [1, false, 2],
      [2, true, 1],
      [undefined, undefined, 0],
    ]);
  });

  test('a batch that upstream could not finish is shown as far as it came', () => {
    const open = envelope(['a a'], { batch: 4, part: 0, last: false });
    const [rows, ending] = runAll(core([], { words: true }), [open], 0, endEnvelope('failed', 'why'));
    expect(rows?.header).toMatchObject({ batch: 4, last: true, n: 1 });
    expect(ending?.header).toEqual({ v: 1, n: 0, end: 'failed', reason: 'why' });
  });
});

describe('merging', () => {
  test.each([false, true])('partial %s: a second reduce gives what one over all gives', (partial) => {
    const expressions = ['count', 'sum(x)', 'min(x)', 'max(x)', ...(partial ? ['avg(x)'] : [])];
    const records = [
      { k: 'a', x: 1 },
      { k: 'b', x: 2.5 },
      { k: 'a', x: 4 },
    ];
    const split = runAll(
      core(expressions, { by: ['k'], partial }),
      records.map((record, index) => batch(index, [record])),
    );
    // All batches in one, as a window has them.
    const parts = split.filter(({ header }) => !header.end);
    const merged: Envelope[] = [];
    for (const [part, { header, payload }] of parts.entries())
      merged.push({ header: { ...header, batch: 0, part, last: part === parts.length - 1 }, payload });
    const whole = recordsOf(runAll(core(expressions, { by: ['k'] }), [batch(0, records)]));
    expect(recordsOf(runAll(core([]), merged))).toEqual(whole);
  });

  test.each([
    {
      name: 'what was not reduced',
      input: words('a'),
      why: 'usage: these records were not reduced upstream',
    },
    {
      name: 'blocks',
      input: [envelope(['a'])],
      why: 'usage: reduce reads batches, and these records come in blocks',
    },
    {
      name: 'rows of two reductions',
      input: [
        ...runAll(core(['count']), words('a')).slice(0, 1),
        { ...batch(1, []), header: { ...batch(1, []).header, reduced: { keys: ['k'], aggregates: {} } } },
      ],
      why: 'badData: rows of two different reductions cannot be merged',
    },
    {
      name: 'a row that does not fit',
      input: [batch(0, [{ count: 'x' }], { reduced: { keys: [], aggregates: { count: 'count' } } })],
      why: `badData: batch 0, part 0, record 1: column 'count' is no result of count`,
    },
    {
      name: 'a row that is no object',
      input: [batch(0, [[1]], { reduced: { keys: [], aggregates: { count: 'count' } } })],
      why: 'badData: batch 0, part 0, record 1: a reduced row is an object, and this is a list',
    },
  ])('$name is refused', ({ input, why }) => {
    expect(failureOf(() => runAll(core([]), input))).toBe(why);
  });
});

test('windows are put together from panes when they close', () => {
  // size 20, slide 10: |0...a....|10..b a..|20
  const at = (start: number, end: number): { start: number; end: number } => ({ start, end });
  const inputs = [
    batch(0, ['a'], { pane: at(0, 10), closed: [at(-10, 10)] }),
    batch(1, ['b a'], { pane: at(10, 20), closed: [at(0, 20)] }),
  ];
  const ending: Envelope = {
    header: { v: 1, n: 0, end: 'ok', closed: [at(10, 30)] },
    payload: Buffer.alloc(0),
  };
  const envelopes = runAll(core([], { words: true }), inputs, 0, ending);
  expect(
    envelopes.map(({ header, payload }) => [header.batch, header.window?.start, String(payload)]),
  ).toEqual([
    [0, -10, '{"word":"a","count":1}'],
    [1, 0, '{"word":"a","count":2},{"word":"b","count":1}'],
    [2, 10, '{"word":"a","count":1},{"word":"b","count":1}'],
    [undefined, undefined, ''],
  ]);
});

test('a batch that closed no window makes no row in a second reduce', () => {
  const reduced = { keys: [], aggregates: { count: 'count' } };
  const window = { start: 0, end: 20 };
  const inputs = [batch(0, [], { reduced }), batch(1, [{ count: 3 }], { reduced, window })];
  const envelopes = runAll(core([]), inputs);
  expect(envelopes.map(({ header, payload }) => [header.n, header.window, String(payload)])).toEqual([
    [0, undefined, ''],
    [1, window, '{"count":3}'],
    [0, undefined, ''],
  ]);
});

describe('rejects', () => {
  test.each([
    { reduce: core([], { words: true }), record: 7, why: '--words needs text, and this is 7' },
    {
      reduce: core(['sum(x)']),
      record: { x: 'text' },
      why: 'sum(x) needs a number, and this is text ("text")',
    },
    { reduce: core(['min(x)']), record: { x: [] }, why: 'min(x) needs a number or text, and this is a list' },
  ])('$why', ({ reduce, record, why }) => {
    expect(failureOf(() => runAll(reduce, [batch(3, ['', record].slice(1) as Json[])]))).toBe(
      `badData: batch 3, part 0, record 1: ${why}`,
    );
  });

  test('a record that is rejected is not half counted', () => {
    const rejected: Json[] = [];
    const rejects: Rejects = { reject: (record) => rejected.push(record), takeCount: () => rejected.length };
    const reduce = core(['count', 'sum(x)'], { rejects });
    expect(recordsOf(runAll(reduce, [batch(0, [{ x: 1 }, { x: 'a' }])]))).toEqual([
      { count: 1, 'sum(x)': 1 },
    ]);
    expect(rejected).toEqual([{ x: 'a' }]);
    expect(reduce.counters()).toEqual({ rejected: 1 });
  });
});

describe('a pattern that takes too long', () => {
  const records = ['xxy', 'x'.repeat(60), 'ab'.repeat(50_000), 'abc y'];

  test.each<[string, Json[]]>([
    ['count($0~^(x+x+)+y$ || $0~a.*b.*c)', [{ n: 2 }]],
    ['count if $0!~.*a.*b.*c && $0~(x|x)*y', [{ n: 1 }]],
    ['share($0~.*a.*b.*c || $0~(x|x)*y)', [{ n: 1 }]],
  ])('%s rejects its record alone', (expression, rows) => {
    const told: string[] = [];
    const rejects: Rejects = {
      reject: (_record, place, reason) => void told.push(`${place}: ${reason}`),
      takeCount: () => 0,
    };
    const reduce = core([`n=${expression}`], { rejects });
    expect(recordsOf(runAll(reduce, [batch(0, records)]))).toEqual(rows);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^batch 0, part 0, record 2: '.*' took longer than 250 ms: /);
  });

  test('nothing of the record is counted, and --task-timeout may be shorter', () => {
    const plan = planFrom({ by: [], words: false, partial: false, taskTimeout: 50 }, [
      'count',
      'errors=count($0~(x|x)*y)',
    ]);
    const options = { partial: false, partSize: 1000, rejects: failOnReject, caveats: new Set<string>() };
    const told: string[] = [];
    const rejects: Rejects = {
      reject: (_record, _place, reason) => void told.push(reason),
      takeCount: () => 0,
    };
    const reduce = new ReduceCore(plan, { ...options, rejects });
    expect(recordsOf(runAll(reduce, [batch(0, ['y', 'x'.repeat(60), 'z'])]))).toEqual([
      { count: 2, errors: 1 },
    ]);
    expect(told.join()).toContain('took longer than 50 ms');
    const failing = new ReduceCore(plan, options);
    expect(failureOf(() => runAll(failing, [batch(0, ['x'.repeat(60)])]))).toMatch(
      /^badData: batch 0, part 0, record 1: '.*' took longer than 50 ms/,
    );
  });
});
