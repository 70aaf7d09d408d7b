// Functions in worker threads: any number of them, the same envelopes. The threads run the built worker.
import * as fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeEnvelope } from '../../src/envelope/encode.ts';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { Executor } from '../../src/executor/executor.ts';
import { envelope, recordsOf, runAllAwaiting } from '../helpers/envelopes.ts';
import { keptRejects, makeMap } from '../helpers/map.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

const longest = 2 ** 31 - 1;
const executors = [1, 3].map((workers) => new Executor({ workers, taskTimeout: longest }));
afterAll(() => Promise.all(executors.map((executor) => executor.close())));
const [one, three] = executors as [Executor, Executor];

const record: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ a: fc.nat(5), l: fc.array(fc.string(), { maxLength: 3 }) }),
  fc.record({ a: fc.constantFrom<Json>(2 ** 60, 9007199254740993n, 1e21, 'ü') }),
  fc.constantFrom<Json>('a line', null, 7),
);
const stream = fc
  .array(fc.array(fc.array(record, { maxLength: 5 }), { minLength: 1, maxLength: 5 }), { maxLength: 3 })
  .map((batches) =>
    batches.flatMap((parts, batch) =>
      parts.map((records, part) => envelope(records, { batch, part, last: part === parts.length - 1 })),
    ),
  );
const text = (envelopes: readonly Envelope[]) =>
  envelopes.map((each) => encodeEnvelope(each).toString()).join('');

test.each([
  [['--filter', 'r => r.a > 2']],
  [['--flat-map', 'r => r.l.map((x) => ({ x, a: r.a }))', '--filter', 'r => r.x !== "a"']],
  [['--filter', 'a>1', '--map', 'r => ({ ...r, b: r.a + 1 })', '--select', 'b,l']],
  [['--map', 'r => "x".repeat(600)']],
])('%j', async (words) => {
  await fc.assert(
    fc.asyncProperty(stream, async (envelopes) => {
      const outcomes = [];
      for (const executor of [undefined, one, three]) {
        const rejects = keptRejects();
        const make = await makeMap(words, { rejects, executor });
        outcomes.push({ text: text(await runAllAwaiting(make(), envelopes)), told: rejects.told });
      }
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(outcomes[2]).toEqual(outcomes[0]);
    }),
    { numRuns: 40 },
  );
});

const batch = (...records: Json[]) => [envelope(records, { batch: 0, part: 0, last: true })];

test('the first record that cannot be used stops it all, as in this thread', async () => {
  const records = batch({ a: 1 }, { a: null }, { b: null });
  for (const executor of [undefined, one]) {
    const make = await makeMap(['--map', 'r => r.a.b.c'], { executor });
    await expect(runAllAwaiting(make(), records)).rejects.toThrow('batch 0, part 0, record 1');
  }
});

test('a function that never ends costs its record', async () => {
  const rejects = keptRejects();
  const make = await makeMap(['--map', 'r => { while (r.a === 2); return r; }'], {
    executor: one,
    rejects,
    taskTimeout: 100,
  });
  const rows = recordsOf(await runAllAwaiting(make(), batch({ a: 1 }, { a: 2 }, { a: 3 })));
  expect(rows).toEqual([{ a: 1 }, { a: 3 }]);
  expect(rejects.told.join()).toMatch(/record 2: --map: it took longer than 100ms/);
});

test('a function that ends its thread costs the records of its part', async () => {
  const rejects = keptRejects();
  const words = ['--map', 'r => r.a === 2 ? process.reallyExit(3) : r'];
  const make = await makeMap(words, { executor: one, rejects });
  const parts = [
    envelope([{ a: 1 }], { batch: 0, part: 0, last: false }),
    envelope([{ a: 2 }, { a: 3 }], { batch: 0, part: 1, last: true }),
  ];
  expect(recordsOf(await runAllAwaiting(make(), parts))).toEqual([{ a: 1 }]);
  expect(rejects.told).toHaveLength(2);
  const strict = await makeMap(words, { executor: one });
  await expect(runAllAwaiting(strict(), parts)).rejects.toThrow('a task failed twice (mapPart)');
});

test('process.exit costs its record', async () => {
  const rejects = keptRejects();
  const words = ['--map', 'r => r.a === 2 ? process.exit(3) : r'];
  const make = await makeMap(words, { executor: one, rejects });
  const rows = recordsOf(await runAllAwaiting(make(), batch({ a: 1 }, { a: 2 }, { a: 3 })));
  expect(rows).toEqual([{ a: 1 }, { a: 3 }]);
  expect(rejects.told.join()).toContain('record 2: --map: it called process.exit()');
});

test('a module is loaded in each thread', async () => {
  const path = join(temporaryFolder(), 'fns.mjs');
  writeFileSync(path, 'let n = 0; export const count = (r) => ({ ...r, n: ++n });');
  const make = await makeMap(['--module', path, '--map', 'count'], { executor: one });
  expect(recordsOf(await runAllAwaiting(make(), batch({ a: 1 }, { a: 2 })))).toEqual([
    { a: 1, n: 1 },
    { a: 2, n: 2 },
  ]);
});
