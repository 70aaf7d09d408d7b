// Rows straight from the kernel's table are those that are made record by record, in the same order.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { createTwinKernel } from '../../src/kernel/twin.ts';
import { createWasmKernel } from '../../src/kernel/wasm.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { batch, runAll } from '../helpers/envelopes.ts';

function rowsOf(expressions: string[], by: string[], records: Json[], condition = ''): string {
  const named = expressions.map((expression, index) => `c${index}=${expression}${condition}`);
  const core = new ReduceCore(planFrom({ by, words: false, partial: false }, named), {
    partial: false,
    partSize: 50,
    rejects: failOnReject,
    caveats: new Set(),
  });
  const envelopes = runAll(core, [batch(0, records)]);
  return envelopes
    .filter(({ header }) => header.n > 0)
    .map(({ payload }) => payload.toString())
    .join(',');
}

const texts = fc.constantFrom<Json>(
  'a',
  'ab',
  'a b',
  'a!',
  'a"',
  'a\\',
  'b',
  '',
  'é',
  '€',
  '😀',
  '\uE000',
  'a\u0000',
  '-',
  '1',
  'a#',
  'longer than sixteen bytes',
  'longer than sixteen bytes!',
);
const others = fc.constantFrom<Json>(1, 12, -1, 1.5, 2, null, true);
const numbers = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(0.5, -0.25, 1e15, -0));
// Keys of one kind are written by the kernel, of several kinds not.
const keys = fc.constantFrom(
  texts,
  others,
  fc.constantFrom<Json>('a', 'ab', 'b#', 'a#'),
  fc.oneof(texts, others),
);

const expressions = ['count', 'sum(x)', 'avg(x)', 'min(x)', 'max(x)'];

test.each([[['k']], [['k', 'l']], [['l']]])('by %j', (by) => {
  fc.assert(
    fc.property(
      fc
        .tuple(keys, keys)
        .chain(([k, l]) =>
          fc.array(fc.record({ k, l, x: numbers }, { requiredKeys: ['k', 'l'] }), { maxLength: 12 }),
        ),
      (records) => {
        // The kernel knows nothing of conditions.
        expect(rowsOf(expressions, by, records as Json[])).toBe(
          rowsOf(expressions, by, records as Json[], ' if none=null'),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('by a column of text', () => {
  const line = fc
    .tuple(fc.constantFrom('a', 'ab', '-', 'a!', 'é', '"', '-a', '1'), numbers)
    .map((cells) => cells.join(' '));
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.constant(''))), (lines) => {
      const columns = ['count', 'sum($2)', 'max($2)'];
      expect(rowsOf(columns, ['$1'], lines)).toBe(rowsOf(columns, ['$1'], lines, ' if none=null'));
    }),
    { numRuns: 300 },
  );
});

test('both kernels know which rows are plain', () => {
  const key = fc
    .array(
      fc.oneof(texts, others).map((value) => JSON.stringify(value)),
      { maxLength: 9 },
    )
    .map((parts) => parts.join('\0'));
  const [wasm, twin] = [createWasmKernel(), createTwinKernel()];
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 3 }),
      fc.constantFrom(1, 2 ** 53, NaN),
      fc.boolean(),
      (names, number, isJson) => {
        const [one, other] = [wasm, twin].map((kernel) => {
          const table = kernel.createTable({ values: 1 });
          for (const name of names) table.add(table.groupOf(Buffer.from(name)), 0, number);
          return table.hasPlainRows(isJson);
        });
        expect(one).toBe(other);
      },
    ),
    { numRuns: 500 },
  );
});
