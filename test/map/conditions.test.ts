import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import { parseJson, type Json } from '../../src/envelope/json.ts';
import { MapCore } from '../../src/map/map.ts';
import { conditionStep } from '../../src/map/condition-step.ts';
import { compileCondition } from '../../src/record/condition.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, failureOf, recordsOf, runAll } from '../helpers/envelopes.ts';
import { keptRejects, mapped, recordsMapped } from '../helpers/map.ts';

const payloadOf = (text: string, n: number): Envelope => ({
  header: { v: 1, batch: 0, part: 0, last: true, n },
  payload: Buffer.from(text),
});

describe('a plain condition', () => {
  test.each<[string, Json[], Json[]]>([
    ['a>=2', [{ a: 1 }, { a: 2 }, { a: '3' }, { b: 3 }, 4], [{ a: 2 }, { a: '3' }]],
    ['a=x || b!=null', [{ a: 'x' }, { a: 'y' }, { b: false }, { b: null }], [{ a: 'x' }, { b: false }]],
    ['a>1 && a<4', [{ a: 1 }, { a: 2 }, { a: 4 }], [{ a: 2 }]],
    ['u.a=1', [{ u: { a: 1 } }, { 'u.a': 1 }, { a: 1 }], [{ u: { a: 1 } }, { 'u.a': 1 }]],
    ['name=Ä', [{ name: 'Ä' }, { name: 'A' }], [{ name: 'Ä' }]],
    ['a="x\\"y"', [{ a: 'x"y' }, { a: 'x' }], [{ a: 'x"y' }]],
    ['$2=404', ['GET 404 x', 'GET 200 404', 'GET', 'GET\t404'], ['GET 404 x', 'GET\t404']],
    ['$1~^G', ['GET', ' GET', 'PUT', { $1: 'G' }], ['GET', ' GET', { $1: 'G' }]],
    ['$0>3', [1, 5, '7', null], [5, '7']],
    ['a>9007199254740992', [{ a: 9007199254740993n }, { a: 9007199254740992n }], [{ a: 9007199254740993n }]],
    ['a=true', [{ a: true }, { a: 'true' }, { a: 1 }], [{ a: true }, { a: 'true' }]],
  ])('%s', async (condition, records, expected) => {
    expect(await recordsMapped(['--filter', condition], records)).toEqual(expected);
  });

  test('records keep their bytes, and a part that all pass is as it was', async () => {
    const text = '{"a":1.0} ,{"a" : 2e0},{"a":1}';
    const [some] = await mapped(['--filter', 'a=1'], [payloadOf(text, 3)]);
    expect(some?.payload.toString()).toBe('{"a":1.0} ,{"a":1}');
    expect(some?.header.n).toBe(2);
    const input = payloadOf(text, 3);
    expect((await mapped(['--filter', 'a>0'], [input]))[0]).toEqual(input);
  });

  test.each([
    ['{"a":1}', 2],
    ['{"a":1},{"a":2}', 1],
    ['{"a":1},{"a', 3],
    ['{"a":1}{"a":2}', 2],
  ])('of a damaged payload: %s is not %i records', async (text, n) => {
    await expect(mapped(['--filter', 'a>0'], [payloadOf(text, n)])).rejects.toThrow(
      'batch 0, part 0 is damaged',
    );
  });
});

describe('a pattern that takes too long', () => {
  const ways = 'x'.repeat(60);
  const long = 'ab'.repeat(50_000);

  test.each<[string, Json]>([
    ['$0~^(x+x+)+y', ways],
    ['a~(x|x)*y', { a: ways }],
    ['a~(x|x)*y', { a: `ä${ways}` }],
    ['$0~.*a.*b.*c', long],
    ['a~a.*b.*c', { a: long }],
    ['a!~a\\w+c', { a: long }],
  ])('%s leaves out its record alone', async (condition, hostile) => {
    const rejects = keptRejects();
    const fine = condition.startsWith('$0') ? 'xxy abc' : { a: 'xxy abc' };
    const records = [fine, hostile, fine];
    const kept = await recordsMapped(['--filter', condition], records, { rejects, taskTimeout: 100 });
    expect(kept).toEqual(condition.includes('!') ? [] : [fine, fine]);
    expect(rejects.told).toHaveLength(1);
    expect(rejects.told[0]).toMatch(/^batch 0, part 0, record 2: --filter: '.*' took longer than 100 ms: /);
  });

  test('behind a step that parses records as well', async () => {
    const rejects = keptRejects();
    const words = ['--select', 'a', '--filter', 'a~(x|x)*y'];
    const records = [{ a: 'y' }, { a: ways }, { a: 'xy' }];
    expect(await recordsMapped(words, records, { rejects, taskTimeout: 100 })).toEqual([
      { a: 'y' },
      { a: 'xy' },
    ]);
    expect(rejects.told).toHaveLength(1);
  });

  test('as the default is, stops the stage at the first such record', async () => {
    await expect(mapped(['--filter', '$0~(x|x)*y'], [batch(0, ['y', ways, ways])])).rejects.toMatchObject({
      exit: 'badData',
      message: expect.stringMatching(
        /^batch 0, part 0, record 2: --filter: '\$0~.*' took longer than 250 ms: /,
      ),
    });
  });

  test('also one of --parse, which no more than --task-timeout is left to', async () => {
    const rejects = keptRejects();
    const words = ['--parse', 'regex:^(?<a>(x+x+)+)y$'];
    expect(await recordsMapped(words, ['xxy', ways], { rejects, taskTimeout: 50 })).toEqual([{ a: 'xx' }]);
    expect(rejects.told.join()).toContain('the pattern took longer than 50 ms on it');
  });

  test('many records that take some time each are none that take too long', async () => {
    const some = Array.from({ length: 100 }, () => 'a'.repeat(4000));
    expect(await recordsMapped(['--filter', '$0!~a.*b'], some)).toEqual(some);
  });
});

test('what a condition says of bytes is what it says of the record, however that is written', () => {
  const value = fc.oneof(
    fc.constantFrom<Json>('x', 'y z', '', '-', 'ä', '\n', '"', '1', '2.50', null, true, false, 0, -1.5, 1e21),
    fc.integer(),
    fc.jsonValue({ maxDepth: 2 }).map((json) => json as Json),
  );
  const name = fc.constantFrom('a', 'b', 'a.b', 'ä', '$1', 'a"', '');
  const record = fc.oneof(
    fc.dictionary(name, value),
    value,
    fc.array(fc.constantFrom('x', '1', '-', 'ä')).map((words) => words.join(' ')),
  );
  const spelled = fc
    .tuple(record, fc.constantFrom(undefined, 1), fc.boolean())
    .map(([json, space, escapes]) => {
      const text = JSON.stringify(json, undefined, space);
      return escapes ? text.replaceAll('a', '\\u0061').replaceAll('f\\u0061lse', 'false') : text;
    });
  const field = fc.constantFrom('a', 'b', 'a.b', 'ä', '$1', '$2', '$0', 'c');
  const comparison = fc
    .tuple(
      field,
      fc.constantFrom('=', '!=', '>', '>=', '<', '<=', '~', '!~'),
      fc.constantFrom('x', '1', '-1.5', 'null', 'true', '""', 'ä'),
    )
    .map((parts) => parts.join(''));
  const condition = fc
    .array(comparison, { minLength: 1, maxLength: 3 })
    .chain((all) => fc.constantFrom(all.join(' && '), all.join(' || ')));
  fc.assert(
    fc.property(fc.array(spelled, { minLength: 1, maxLength: 6 }), condition, (texts, text) => {
      const core = new MapCore([conditionStep('--filter', text, 60_000)], {
        rejects: failOnReject,
        taskTimeout: 1,
        partSize: 1,
      });
      const [output] = runAll(core, [payloadOf(texts.join(','), texts.length)]);
      const holds = compileCondition(text);
      expect(output?.payload.toString()).toBe(texts.filter((one) => holds(parseJson(one))).join(','));
    }),
    { numRuns: 500 },
  );
});

test('it follows steps that parse, too', async () => {
  const words = ['--map', 'r => ({ a: r })', '--filter', 'a>1', '--filter', 'r => r.a < 4'];
  expect(await recordsMapped(words, [1, 2, 3, 4])).toEqual([{ a: 2 }, { a: 3 }]);
});

test('blocks belong to no batch yet', () => {
  const core = new MapCore([conditionStep('--filter', 'a>1', 60_000)], {
    rejects: failOnReject,
    taskTimeout: 1,
    partSize: 1,
  });
  const block = { header: { v: 1, n: 1 }, payload: Buffer.from('{}') };
  expect(failureOf(() => runAll(core, [block]))).toContain('usage: map reads batches');
  expect(recordsOf(runAll(core, [batch(0, [])]))).toEqual([]);
});
