import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../../src/envelope/envelope.ts';
import { parseJson, stringifyJson, type Json } from '../../../src/envelope/json.ts';
import { EnvelopeSequence } from '../../../src/envelope/sequence.ts';
import { identityOf, keyFields, keyOf } from '../../../src/join/key.ts';
import { leftFields, pairText, rightFields, type Fields } from '../../../src/join/rows.ts';
import type { TableJoinPlan } from '../../../src/join/table/table-join.ts';
import { anyCharacter, batch, envelope, failureOf, recordsOf, runAll } from '../../helpers/envelopes.ts';
import { keptRejects } from '../../helpers/map.ts';
import { tableJoin, tableOf, tableOfTexts } from '../../helpers/tables.ts';

const types = ['inner', 'left', 'semi', 'anti'] as const;

/** The same, record by record, by what the join of two streams is made of. */
function joinedPlainly(
  records: readonly Json[],
  rows: readonly Json[],
  type: TableJoinPlan['type'],
  names: readonly string[],
): Json[] {
  const keys = keyFields('on', names);
  const texts = (record: Json): Fields =>
    leftFields('r_')(record, Buffer.from(stringifyJson(record))) as Fields;
  return records.flatMap((record) => {
    const identity = identityOf(keyOf(keys, record));
    const partners = rows.filter((row) => {
      const other = identityOf(keyOf(keys, row));
      return identity !== undefined && new Set([identity, other]).size === 1;
    });
    if (type === 'semi') return partners.length > 0 ? [record] : [];
    if (type === 'anti' || (type === 'left' && partners.length === 0))
      return partners.length === 0 ? [record] : [];
    return partners.map((row) =>
      parseJson(pairText(texts(record), rightFields('r_', keys)(row, Buffer.alloc(0)) as Fields)),
    );
  });
}

const key: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(1, 2, '1', 'a', true, null, 1.5, [1], 'ä', 2n ** 60n, 2n ** 60n + 1n, 1e300),
  fc.array(anyCharacter, { maxLength: 2 }).map((list) => list.join('')),
);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }).map((value) => value as Json),
  fc.constantFrom(2n ** 63n, -(2n ** 65n)),
);
const record = fc
  .record(
    { k: key, 'u.x': key, u: fc.record({ x: key }), a: json, 'b\n': json, ä: json },
    { requiredKeys: [] },
  )
  // As it comes from a payload: an integer beyond 2^53 is a bigint.
  .map((value) => parseJson(stringifyJson(value as Json)));

describe('what a table says of records', () => {
  test.each(types)(
    '%s: the same as the join of two streams would, and whatever the size of parts',
    (type) => {
      fc.assert(
        fc.property(
          fc.array(fc.array(record, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
          fc.array(record, { maxLength: 8 }),
          fc.constantFrom(['k'], ['k', 'a'], ['u.x'], ['u.x', 'k']),
          fc.constantFrom(1, 40, 200, 1e6),
          fc.integer({ min: 1, max: 9 }),
          (parts, records, names, partSize, part) => {
            // At least one row has the key, or the table is refused.
            const rows: Json[] = [...records, { k: 'other', u: { x: 0 }, a: 0 }];
            const inputs = parts.map((some, index) =>
              envelope(some, { batch: 0, part: index, last: index === parts.length - 1 }),
            );
            const outputs = runAll(
              tableJoin(tableOf(rows, { keys: names, part }), type, { keys: names, partSize }),
              inputs,
            );
            expect(recordsOf(outputs)).toEqual(joinedPlainly(parts.flat(), rows, type, names));
            const sequence = new EnvelopeSequence();
            for (const [index, output] of outputs.entries()) sequence.place(output, index + 1);
          },
        ),
      );
    },
  );

  test.each<[string, string, string, string]>([
    ['{"k":1,"a":"x"}', '{"k":1,"b":2}', 'inner', '{"k":1,"a":"x","r_b":2}'],
    // Bytes stay as they were written, on both sides.
    ['{ "k":1.0, "a":1e2 }', '{"b":[1, 2.50],"k":1}', 'inner', '{ "k":1.0, "a":1e2,"r_b":[1, 2.50]}'],
    [
      '{"k":9007199254740993,"a":1}',
      '{"k":9007199254740993,"id":12345678901234567890}',
      'inner',
      '{"k":9007199254740993,"a":1,"r_id":12345678901234567890}',
    ],
    ['{"k":9007199254740993}', '{"k":9007199254740992,"b":1}', 'inner', ''],
    ['{"\\u006b":"\\u0061"}', '{"k":"a","b":1}', 'inner', '{"\\u006b":"\\u0061","r_b":1}'],
    ['{"k":1,"k":2}', '{"k":2,"b":1}', 'inner', '{"k":1,"k":2,"r_b":1}'],
    ['{"k":1}', '{"k":1,"b":1,"b":2}', 'inner', '{"k":1,"r_b":2}'],
    ['{"k":1}', '{"k":1}', 'inner', '{"k":1}'],
    ['{"k":null}', '{"k":null}', 'left', '{"k":null}'],
    ['{}', '{"k":1}', 'left', '{}'],
    ['{"k":1,"r_b":1}', '{"k":1,"b":2}', 'semi', '{"k":1,"r_b":1}'],
  ])('%s and %s, %s', (left, row, type, expected) => {
    const input: Envelope = {
      header: { v: 1, batch: 0, part: 0, last: true, n: 1 },
      payload: Buffer.from(left),
    };
    const [output] = runAll(tableJoin(tableOfTexts([row]), type as 'inner'), [input]);
    expect(output?.payload.toString()).toBe(expected);
  });

  test('a key is a member of a member, or has another name in the table', () => {
    const table = tableOf([{ id: { x: 1 }, n: 'ann' }, { id: { x: 2 } }], { keys: ['id.x'] });
    const outputs = runAll(tableJoin(table, 'inner', { keys: ['k'] }), [batch(0, [{ k: 1 }, { k: 3 }])]);
    expect(recordsOf(outputs)).toEqual([{ k: 1, r_id: { x: 1 }, r_n: 'ann' }]);
  });

  test('lines can be kept or left out by a column', () => {
    const table = tableOf([{ ip: '10.0.0.1' }], { keys: ['ip'], holdsMembers: false });
    const input = batch(0, ['10.0.0.1 GET', '10.0.0.2 PUT', '- x']);
    expect(recordsOf(runAll(tableJoin(table, 'semi', { keys: ['$1'] }), [input]))).toEqual(['10.0.0.1 GET']);
    expect(recordsOf(runAll(tableJoin(table, 'anti', { keys: ['$1'] }), [input]))).toEqual([
      '10.0.0.2 PUT',
      '- x',
    ]);
  });

  test('bytes that are no UTF-8 are what they are decoded to', () => {
    const payload = Buffer.concat([Buffer.from('{"k":"a'), Buffer.of(0xff), Buffer.from('"}')]);
    const input = { header: { v: 1, batch: 0, part: 0, last: true, n: 1 }, payload };
    const [output] = runAll(tableJoin(tableOf([{ k: 'a\uFFFD', b: 1 }]), 'inner'), [input]);
    expect(output?.payload.toString()).toBe('{"k":"a\uFFFD","r_b":1}');
  });
});

describe('what cannot be joined', () => {
  test('a name that both have, of the rows that are partners only', () => {
    const table = tableOf([{ k: 1, b: 2 }, { k: 2, c: 3 }, { k: 3 }]);
    const join = (one: Json, type: TableJoinPlan['type'] = 'inner'): string =>
      failureOf(() => runAll(tableJoin(table, type), [batch(0, [one])]));
    expect(join({ k: 1, r_b: 1 })).toBe(
      "badData: batch 0, part 0, record 1: both it and its partner have a field 'r_b'; another --prefix tells the two apart",
    );
    expect(join({ k: 2, r_b: 1 })).toBe('no error');
    expect(join({ k: 4, r_b: 1 }, 'left')).toBe('no error');
    expect(join({ k: 1, r_b: 1 }, 'anti')).toBe('no error');
    expect(join({ k: 1, 'r_\u0062': 1 })).toBe(
      "badData: batch 0, part 0, record 1: both it and its partner have a field 'r_b'; another --prefix tells the two apart",
    );
    const bare = tableOf([{ k: 1, k2: 1, a: 1 }], { prefix: '' });
    expect(failureOf(() => runAll(tableJoin(bare, 'inner'), [batch(0, [{ k: 1, a: 2 }])]))).toBe(
      "badData: batch 0, part 0, record 1: both it and its partner have a field 'a'; another --prefix tells the two apart",
    );
  });

  test.each(['inner', 'left'] as const)('with %s such a record is rejected, and no other', (type) => {
    const table = tableOf([
      { k: 1, c: 2 },
      { k: 1, b: 2 },
    ]);
    const rejects = keptRejects();
    const input = batch(0, [
      { k: 1, a: 1 },
      { k: 1, r_b: 1 },
      { k: 1, a: 3 },
    ]);
    const joined = recordsOf(runAll(tableJoin(table, type, { rejects }), [input]));
    expect(joined.map((one) => (one as { a: Json }).a)).toEqual([1, 1, 3, 3]);
    expect(rejects.told).toHaveLength(1);
  });

  test('records that are no objects are rejected, with their place', () => {
    const table = tableOf([{ k: 1 }]);
    for (const type of types) {
      const rejects = keptRejects();
      const outputs = runAll(tableJoin(table, type, { rejects }), [batch(0, ['x', { k: 1 }, [2]])]);
      expect(recordsOf(outputs)).toEqual(type === 'anti' ? [] : [{ k: 1 }]);
      expect(rejects.told).toEqual([
        'batch 0, part 0, record 1: join needs an object, and this is text ("x"); "x"',
        'batch 0, part 0, record 3: join needs an object, and this is a list; [2]',
      ]);
    }
  });

  test.each([
    ['{"k":1', 1],
    ['{"k":1},{"k":2}', 1],
    ['{"k":1}', 2],
    ['{"k":tru}', 1],
    ['{"k":1}}', 1],
    ['x', 1],
  ])('a damaged part: %s', (text, n) => {
    const input = { header: { v: 1, batch: 4, part: 0, last: true, n }, payload: Buffer.from(text) };
    expect(failureOf(() => runAll(tableJoin(tableOf([{ k: 1 }]), 'inner'), [input]))).toMatch(
      /^badData: batch 4, part 0 is damaged: /,
    );
  });

  test('rows that are no objects, and keys that no row has', () => {
    expect(failureOf(() => tableOf([{ k: 1 }, 'x']))).toBe(
      'badData: the table, row 2: a row of a table is an object, and this is text ("x")',
    );
    expect(failureOf(() => tableOf([{ id: 1, key: 2 }]))).toBe(
      "badData: no row of the table has a field 'k'",
    );
    expect(failureOf(() => tableOf([{ k: null }]))).toBe('no error');
    expect(failureOf(() => tableOf([]))).toBe('no error');
    expect(failureOf(() => tableOf([{ v: 1, n: 1, records: [] }]))).toBe(
      'badData: the table holds envelopes: it is a stream',
    );
  });
});

test('blocks are refused', () => {
  const join = tableJoin(tableOf([{ k: 1 }]), 'inner');
  expect(failureOf(() => runAll(join, [envelope([{ k: 1 }])]))).toMatch(/^usage: join reads batches/);
});

test('rows of a reduce: kept ones can still be merged, and those that are changed cannot', () => {
  const reduced = { keys: ['k'], aggregates: { count: 'count' } };
  const rows = [
    { k: 1, count: 2 },
    { k: '_other', count: 3 },
  ];
  const input = batch(0, rows, { reduced, overflow: 3 });
  const headerOf = (type: TableJoinPlan['type']): unknown =>
    runAll(tableJoin(tableOf([{ k: 1, a: 1 }]), type), [input])[0]?.header;
  expect(headerOf('anti')).toMatchObject({ n: 1, reduced, overflow: 3 });
  expect(headerOf('semi')).toMatchObject({ n: 1, reduced });
  expect(headerOf('semi')).not.toHaveProperty('overflow');
  expect(headerOf('left')).toMatchObject({ n: 2, reduced: { keys: [], aggregates: {} } });
  expect(headerOf('left')).not.toHaveProperty('overflow');
});

test('many rows of one key, more than a part', () => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({ k: 1, n: index }));
  const outputs = runAll(tableJoin(tableOf(rows, { part: 1000 }), 'inner', { partSize: 500 }), [
    batch(0, [{ k: 1 }]),
  ]);
  expect(recordsOf(outputs)).toEqual(rows.map(({ n }) => ({ k: 1, r_n: n })));
  expect(Math.max(...outputs.map(({ payload }) => payload.length))).toBeLessThanOrEqual(500);
});

describe('where no record had a partner', () => {
  const table = tableOf([{ k: 1 }, { k: '2' }, { k: 2.5 }]);
  const text = 'no record had a partner: k is text in them and a number in t.csv';
  const number = 'no record had a partner: k is a number in them and text in t.csv';
  const missing = 'no record had a value of k, the key by which t.csv is joined';

  test.each<[string, Json[], string[]]>([
    ['for the type of its key', [{ k: '9' }, { k: '1' }], [text]],
    ['for the type of its key, a fraction', [{ k: '2.5' }], [text]],
    ['for the type of its key, which is a number', [{ k: 2 }], [number]],
    ['for want of a key', [{ a: 1 }, { k: null }], [missing]],
    ['and there may be none', [{ k: 7 }, { k: 'x' }], []],
    ['but one had', [{ k: '1' }, { k: 1 }], []],
    ['for there was none', [], []],
  ])('%s', (_why, records, messages) => {
    const core = tableJoin(table, 'inner');
    runAll(core, [batch(0, records)]);
    expect(core.warnings('t.csv').map(({ message }) => message)).toEqual(messages);
  });
});
