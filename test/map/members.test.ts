import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { keptRejects, mapped, recordsMapped } from '../helpers/map.ts';

const prototype = JSON.parse('{"__proto__":1,"constructor":2}') as Json;

describe('steps on members', () => {
  test.each<[string[], Json[], Json[]]>([
    [
      ['--select', 'b,a'],
      [{ a: 1, b: 2, c: 3 }, { a: 1 }, {}],
      [{ b: 2, a: 1 }, { a: 1 }, {}],
    ],
    [['--select', 'who=user.name,n'], [{ user: { name: 'ann' }, n: null }], [{ who: 'ann', n: null }]],
    [
      ['--select', 'm=$1,s=$3'],
      ['GET / 200', 'PUT'],
      [{ m: 'GET', s: '200' }, { m: 'PUT' }],
    ],
    [['--select', '__proto__'], [prototype], [JSON.parse('{"__proto__":1}') as Json]],
    [
      ['--drop', 'a,u.x'],
      [{ a: 1, b: 2, u: { x: 1, y: 2 } }, { b: 1 }, { u: 1 }],
      [{ b: 2, u: { y: 2 } }, { b: 1 }, { u: 1 }],
    ],
    [['--drop', 'u.x'], [{ 'u.x': 1, u: { x: 2 } }], [{ u: { x: 2 } }]],
    [['--drop', 'toString'], [prototype], [prototype]],
    [
      ['--rename', 'x=a'],
      [{ a: 1, b: 2 }, { b: 2 }],
      [{ x: 1, b: 2 }, { b: 2 }],
    ],
    [['--rename', 'a=b,b=a'], [{ a: 1, b: 2 }], [{ b: 1, a: 2 }]],
    [
      ['--rename', 'b=a'],
      [{ a: 1, b: 2 }, { b: 2 }],
      [{ b: 1 }, { b: 2 }],
    ],
    [
      ['--rename', 'x=u.a,y=v.w'],
      [{ u: { x: 0, a: 1, b: 2 }, 'v.w': 3 }, { u: 1 }, { v: { w: { z: 4 } } }],
      [{ u: { x: 1, b: 2 }, y: 3 }, { u: 1 }, { v: { y: { z: 4 } } }],
    ],
    [
      ['--explode', 'l'],
      [{ l: [1, [2]], k: 0 }, { l: [] }, { l: null }, {}, { l: 'x' }],
      [{ l: 1, k: 0 }, { l: [2], k: 0 }, { l: 'x' }],
    ],
    [['--explode', 'u.l'], [{ u: { l: [1, 2], k: 0 } }], [{ u: { l: 1, k: 0 } }, { u: { l: 2, k: 0 } }]],
    [
      ['--explode', '$0'],
      [[1, [2]], [], 3, null, 'x'],
      [1, [2], 3, 'x'],
    ],
    [['--words'], ['to  be\tor', '', ' not '], ['to', 'be', 'or', 'not']],
  ])('%j', async (words, records, expected) => {
    expect(await recordsMapped(words, records)).toEqual(expected);
  });

  test('the order given is the order of the steps', async () => {
    const records = [{ l: [{ n: 1 }, { n: 2 }] }, { l: [{ n: 3 }] }];
    expect(await recordsMapped(['--limit', '1', '--explode', 'l', '--select', 'n=l.n'], records)).toEqual([
      { n: 1 },
      { n: 2 },
    ]);
    expect(await recordsMapped(['--explode', 'l', '--limit', '1', '--select', 'n=l.n'], records)).toEqual([
      { n: 1 },
    ]);
    expect(await recordsMapped(['--select=n', '--limit=5', '--select', 'm=n'], [{ n: 1 }])).toEqual([
      { m: 1 },
    ]);
  });

  test.each([
    [['--drop', 'b'], '{"a":1.10,"b":2,"c":1e2}', '{"a":1.10,"c":1e2}'],
    [['--drop', 'b,ä'], '{ "a" : [ 1.50 ] , "b":"},{" , "\u00e4":0 }', '{"a":[ 1.50 ]}'],
    [
      ['--rename', 'x=a'],
      '{"a":0.12345678901234567890,"b":"ä\\n"}',
      '{"x":0.12345678901234567890,"b":"ä\\n"}',
    ],
    [['--rename', 'ö=a,a=ö'], '{"a":1.0,"ö":-0}', '{"ö":1.0,"a":-0}'],
    [['--rename', 'b=a'], '{"a":1.0,"b":2.0}', '{"b":1.0}'],
    [['--select', 'c,x=a'], '{"a":{"n":1.0},"b":2,"a":{"n":2.0},"c":null}', '{"c":null,"x":{"n":2.0}}'],
    [['--filter', 'a>1', '--select=a,n', '--drop=n'], '{"n":1,"a":1.50}', '{"a":1.50}'],
    [['--select', 'none'], '{"a":1.0}', '{}'],
    // Names with escapes, and members of members, take the other way.
    [['--drop', 'a"'], '{"a\\"":1,"b":1.50}', '{"b":1.5}'],
    [['--drop', 'u.x'], '{"u":{"x":1},"b":1.50}', '{"u":{},"b":1.5}'],
  ])('%j keeps values as they are written: %s', async (words, text, expected) => {
    const one = (payload: string, n: number): Envelope => ({
      header: { v: 1, batch: 0, part: 0, last: true, n },
      payload: Buffer.from(payload),
    });
    const [some] = await mapped(words, [one(text, 1)]);
    expect(some?.payload.toString()).toBe(expected);
    const [more] = await mapped(words, [one(`${text} , ${text}`, 2)]);
    expect(more?.payload.toString()).toBe(`${expected},${expected}`);
  });

  test('records of which one is no object: the others keep their bytes', async () => {
    const rejects = keptRejects();
    const input: Envelope = {
      header: { v: 1, batch: 0, part: 0, last: true, n: 3 },
      payload: Buffer.from('{"a":1.0},"x",{"a":2.0}'),
    };
    const [some] = await mapped(['--rename', 'b=a'], [input], { rejects });
    expect(some?.payload.toString()).toBe('{"b":1.0},{"b":2.0}');
    expect(rejects.told).toEqual([
      'batch 0, part 0, record 2: --rename: it needs an object, and this is text ("x"); "x"',
    ]);
  });

  test('integers beyond 2^53 and infinite numbers stay what they are', async () => {
    const records = [{ a: 9007199254740993n, b: Infinity, c: 1 }];
    expect(await recordsMapped(['--drop', 'c'], records)).toEqual([{ a: 9007199254740993n, b: Infinity }]);
  });

  test.each<[string[], Json, string]>([
    [['--drop', 'a'], 'x', '--drop: it needs an object, and this is text ("x")'],
    [['--rename', 'b=a'], [1], '--rename: it needs an object, and this is a list'],
    [['--select', 'a'], 7, '--select: it needs an object, and this is 7'],
    [['--select', 'a,$1'], 'x', '--select: it needs an object, and this is text ("x")'],
    [['--explode', 'a'], null, '--explode: it needs an object, and this is null'],
    [['--words'], {}, '--words: it needs text, and this is an object'],
  ])('%j of %j is rejected', async (words, record, reason) => {
    const rejects = keptRejects();
    await recordsMapped(words, [record], { rejects });
    expect(rejects.told).toEqual([`batch 0, part 0, record 1: ${reason}; ${JSON.stringify(record)}`]);
  });
});

describe('limit and sample', () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => index);

  test('a sample is about as large as it should be, and the same for the same seed', async () => {
    const sample = await recordsMapped(['--sample', '10%'], numbers);
    expect(sample.length).toBeGreaterThan(900);
    expect(sample.length).toBeLessThan(1100);
    expect(await recordsMapped(['--sample', '0.1', '--seed', '1'], numbers)).toEqual(sample);
    expect(await recordsMapped(['--sample', '0.1', '--seed', '2'], numbers)).not.toEqual(sample);
    expect(await recordsMapped(['--sample', '1'], numbers)).toEqual(numbers);
  });

  test('two samples in a row are two choices', async () => {
    const twice = await recordsMapped(['--sample', '0.5', '--sample', '0.5'], numbers);
    expect(twice.length).toBeGreaterThan(2300);
    expect(twice.length).toBeLessThan(2700);
  });

  test('limits count what the steps in front let pass', async () => {
    expect(await recordsMapped(['--filter', '$0>=5', '--limit', '2'], numbers)).toEqual([5, 6]);
    expect(await recordsMapped(['--limit', '7', '--filter', '$0>=5'], numbers)).toEqual([5, 6]);
  });
});
