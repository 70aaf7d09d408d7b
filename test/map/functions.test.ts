import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { keptRejects, mapped, recordsMapped } from '../helpers/map.ts';
import { batch } from '../helpers/envelopes.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

function module(text: string, extension = 'mjs'): string {
  const path = join(temporaryFolder(), `functions.${extension}`);
  writeFileSync(path, text);
  return path;
}

describe('functions', () => {
  test.each<[string[], Json[], Json[]]>([
    [
      ['--filter', 'r => r % 2'],
      [1, 2, 3],
      [1, 3],
    ],
    [['--filter', '({ a }) => a?.b'], [{ a: { b: 1 } }, {}, { a: { b: '' } }], [{ a: { b: 1 } }]],
    [['--filter', 'function (r) { return r > 1 }'], [1, 2], [2]],
    [
      ['--map', 'r => r * 2 // twice'],
      [1, 2],
      [2, 4],
    ],
    [
      ['--map', 'r => null'],
      [1, 2],
      [null, null],
    ],
    [['--map', 'r => ({ a: r, b: undefined, c: { d: undefined } })'], [1], [{ a: 1, c: {} }]],
    [['--map', 'r => r.id + 1n'], [{ id: 9007199254740993n }], [9007199254740994n]],
    [
      ['--map', 'r => ({ id: r.id, x: undefined })'],
      [{ id: 9007199254740993n }],
      [{ id: 9007199254740993n }],
    ],
    [['--map', 'r => r'], [{ a: Infinity }], [{ a: Infinity }]],
    [
      ['--flat-map', "r => r.split(',')"],
      ['a,b', 'c'],
      ['a', 'b', 'c'],
    ],
    [['--flat-map', 'r => r > 1 ? [[r]] : []'], [1, 2], [[2]]],
    [
      ['--flat-map', 'r => r'],
      [1, [2, 3], 'ab'],
      [1, 2, 3, 'ab'],
    ],
  ])('%j', async (words, records, expected) => {
    expect(await recordsMapped(words, records)).toEqual(expected);
  });

  test('a filter keeps the bytes of records', async () => {
    const input = {
      header: { v: 1, batch: 0, part: 0, last: true, n: 3 },
      payload: Buffer.from('{"a":1.0},{"a":2},{"a":1e0}'),
    };
    const [output] = await mapped(['--filter', 'r => r.a < 2'], [input]);
    expect(output?.payload.toString()).toBe('{"a":1.0},{"a":1e0}');
  });

  test.each<[string[], Json, string]>([
    [['--map', 'r => r.a.b'], {}, "--map: Cannot read properties of undefined (reading 'b')"],
    [
      ['--map', 'r => {}'],
      1,
      '--map: it returned nothing; null is a record, and --filter or --flat-map leave one out',
    ],
    [['--flat-map', 'r => {}'], 1, '--flat-map: it returned nothing; [] makes no record'],
    [['--flat-map', 'r => [1, undefined]'], 1, '--flat-map: what it returned is no JSON: it is undefined'],
    [['--map', 'r => ({ at: new Date(0) })'], 1, '--map: what it returned is no JSON: it.at is a Date'],
    [['--map', 'r => [r / 0 - r / 0]'], 1, '--map: what it returned is no JSON: it[0] is NaN'],
    [['--map', 'r => { const a = []; a.push(a); return a }'], 1, '--map: Maximum call stack size exceeded'],
    [['--map', 'r => { throw "no" }'], 1, '--map: no'],
    [['--filter', 'r => Promise.resolve(false)'], 1, '--filter: it returned a promise'],
  ])('%j of %j is rejected', async (words, record, reason) => {
    const rejects = keptRejects();
    expect(await recordsMapped(words, [record], { rejects })).toEqual([]);
    expect(rejects.told).toEqual([`batch 0, part 0, record 1: ${reason}; ${JSON.stringify(record)}`]);
  });

  test('a record is rejected as it came, and those around it are not', async () => {
    const rejects = keptRejects();
    const words = [
      '--map',
      'r => { r.seen = 1; if (r.a > 1) throw new Error("no"); return r }',
      '--select',
      'a',
    ];
    expect(await recordsMapped(words, [{ a: 1 }, { a: 2 }, { a: 0 }], { rejects })).toEqual([
      { a: 1 },
      { a: 0 },
    ]);
    expect(rejects.told).toEqual(['batch 0, part 0, record 2: --map: no; {"a":2}']);
  });

  test('of a module, by name', async () => {
    const path = module('export const even = (r) => r % 2 === 0;\nexport function twice(r) { return 2 * r }');
    expect(await recordsMapped(['--module', path, '--filter', 'even', '--map', 'twice'], [1, 2])).toEqual([
      4,
    ]);
    const common = module('module.exports = { twice: (r) => 2 * r }', 'cjs');
    expect(await recordsMapped(['--map', 'twice', '--module', common], [1, 2])).toEqual([2, 4]);
  });

  test.each<[string[], string]>([
    [['--map', 'r =>'], "--map 'r =>' is no function: Unexpected token ')'"],
    [['--map', '{ a: 1 }'], "--map '{ a: 1 }' is no function, but of type object"],
    [['--map', 'status>=500'], "--map 'status>=500' is no function: status is not defined"],
    [['--map', 'async r => r'], "--map 'async r => r' is of kind AsyncFunction"],
    [['--flat-map', 'function* (r) { yield r }'], 'is of kind GeneratorFunction'],
    [['--map', '(() => { for (;;); })()'], 'took longer than 100ms to become a function'],
    [['--filter', 'status=>500'], "--filter 'status=>500' is a function that returns 500 for every record"],
    [['--filter', 'isLarge'], "--filter 'isLarge' is a name, and there is no module that exports it"],
    [['--filter', 'a b'], "'a b' is no condition"],
    [['--module', 'nowhere.mjs', '--map', 'a'], 'there is no nowhere.mjs'],
    [[], 'what is to be done with the records?'],
    [['--rename', 'a'], "--rename 'a' says no new name"],
    [['--drop', 'a,'], "--drop 'a,' names no field"],
    [['--select', 'x=a,x=s'], "--select has 'x' twice"],
    [['--rename', 'x=a,x=b'], "--rename has 'x' twice"],
    [['--rename', 'x=a,y=a'], "--rename has 'a' twice"],
    [['--sample', '2'], "--sample: '2' is no fraction"],
    [['--limit', '0'], "--limit: '0' is no count"],
  ])('%j: %s', async (words, message) => {
    await expect(mapped(words, [], { taskTimeout: 100 })).rejects.toThrow(message);
  });

  test('a module that does not export it', async () => {
    const path = module('export const evens = (r) => r % 2 === 0;\nexport const rate = 2;');
    await expect(mapped(['--module', path, '--map', 'even'], [])).rejects.toMatchObject({
      message: `${path} exports no function even, which --map names`,
      hint: 'did you mean evens?',
    });
    await expect(mapped(['--module', path, '--map', 'rate'], [])).rejects.toMatchObject({
      hint: 'it exports: evens',
    });
  });
});

describe('a function that does not end', () => {
  const endless = 'r => { if (r === 2) for (;;); return [r, r] }';

  test('is stopped, and only its record is at fault', async () => {
    const rejects = keptRejects();
    const words = ['--flat-map', endless];
    expect(await recordsMapped(words, [1, 2, 3], { rejects, taskTimeout: 50 })).toEqual([1, 1, 3, 3]);
    expect(rejects.told).toEqual([
      'batch 0, part 0, record 2: --flat-map: it took longer than 50ms (--task-timeout); 2',
    ]);
  });

  test('as the default is, it stops the stage', async () => {
    await expect(
      mapped(['--flat-map', endless], [batch(0, [1, 2])], { taskTimeout: 50 }),
    ).rejects.toMatchObject({
      exit: 'badData',
      message: 'batch 0, part 0, record 2: --flat-map: it took longer than 50ms (--task-timeout)',
    });
  });

  test('many slow records are none that do not end', async () => {
    const slow = 'r => { const end = performance.now() + 20; while (performance.now() < end); return r }';
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    expect(await recordsMapped(['--map', slow], numbers, { taskTimeout: 150 })).toEqual(numbers);
  });

  test('also a regular expression that tries for ever', async () => {
    const rejects = keptRejects();
    const words = ['--filter', 'r => /^(a+)+$/.test(r)'];
    const text = `${'a'.repeat(50)}b`;
    expect(await recordsMapped(words, ['aa', text, 'a'], { rejects, taskTimeout: 50 })).toEqual(['aa', 'a']);
    expect(rejects.told).toHaveLength(1);
  });
});
