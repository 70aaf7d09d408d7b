import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringifyJson, type Json } from '../../src/envelope/json.ts';
import { aggregateOf } from '../helpers/aggregates.ts';
import { Groups } from '../../src/reduce/groups.ts';

const aggregates = [aggregateOf('count')];

function counted(keys: readonly (readonly Json[])[], groups = new Groups(aggregates)): Groups {
  for (const key of keys) groups.mergeStates(key, [1]);
  return groups;
}

function rows(groups: Groups): string[] {
  return groups.sorted().map(({ key, states }) => `${stringifyJson([...key])} ${String(states[0])}`);
}

describe('keys', () => {
  test.each<[string, Json[][], string[]]>([
    ['text', [['a'], ['b'], ['a']], ['["a"] 2', '["b"] 1']],
    ['number and text', [['1'], [1], [1]], ['[1] 2', '["1"] 1']],
    [
      'null, true and their texts',
      [['null'], [null], [true], ['true']],
      ['[null] 1', '["null"] 1', '[true] 1', '["true"] 1'],
    ],
    [
      'names that objects have',
      [['__proto__'], ['constructor'], ['__proto__']],
      ['["__proto__"] 2', '["constructor"] 1'],
    ],
    [
      'a NUL in front',
      [['\0a'], ['\0a'], ['\0["\\u0000a"]']],
      ['["\\u0000[\\"\\\\u0000a\\"]"] 1', '["\\u0000a"] 2'],
    ],
    ['lists', [[[1]], [[1]], ['[1]']], ['[[1]] 2', '["[1]"] 1']],
    ['objects', [[{ a: 1 }], [{ a: 1 }]], ['[{"a":1}] 2']],
    [
      'integers beyond 2^53',
      [[9007199254740993n], [9007199254740992n], [9007199254740993n]],
      ['[9007199254740992] 1', '[9007199254740993] 2'],
    ],
    [
      'several columns',
      [
        ['a', 'b'],
        ['a,b', ''],
        ['a', 'b'],
      ],
      ['["a","b"] 2', '["a,b",""] 1'],
    ],
    ['no column', [[], []], ['[] 2']],
    ['long text', [['a long key, kept'], ['a long key, kept']], ['["a long key, kept"] 2']],
    [
      'byte order',
      [['\u{1f600}'], ['\uffff'], ['Z'], ['a'], ['é']],
      ['["Z"] 1', '["a"] 1', '["é"] 1', '["\uffff"] 1', '["\u{1f600}"] 1'],
    ],
  ])('%s', (_name, keys, expected) => {
    expect(rows(counted(keys))).toEqual(expected);
  });

  const key = fc.oneof(
    fc.constantFrom<Json[]>('', 1, 0, -1, null, true, false, 2n ** 60n, [], {}, [null], { a: '\0' }),
    fc.string({ unit: fc.constantFrom('\0', 'a', '"', '[', ']'), maxLength: 4 }),
  );
  test('property: as a count by JSON text, in any order and in pieces', () => {
    const keys = fc.array(fc.tuple(key), { maxLength: 20 });
    const pairs = fc.array(fc.tuple(key, key), { maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(keys, pairs), fc.nat(20), (list: Json[][], at) => {
        const expected = new Map<string, number>();
        for (const one of list) expected.set(stringifyJson(one), (expected.get(stringifyJson(one)) ?? 0) + 1);
        const groups = counted(list);
        expect(rows(groups).sort()).toEqual(
          Array.from(expected, ([text, count]) => `${text} ${count}`).sort(),
        );
        const pieces = counted(list.slice(at));
        pieces.merge(counted(list.slice(0, at)));
        expect(rows(pieces)).toEqual(rows(groups));
      }),
      { numRuns: 500 },
    );
  });
});
