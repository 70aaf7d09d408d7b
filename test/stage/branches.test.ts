import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchCore } from '../../src/batch/batch.ts';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { broadcast, branchOf, numbered, route, toBranch, type Branch } from '../../src/stage/branches.ts';
import { chain, passThrough, type Core } from '../../src/stage/core.ts';
import { ReaderGone } from '../../src/stage/output.ts';
import { batch, envelope, ready, recordsOf, runAll } from '../helpers/envelopes.ts';

type TestBranch = Branch & { readonly failures: unknown[] };

function branch(core: Core): TestBranch {
  const failures: unknown[] = [];
  return { core, failures, isOver: () => failures.length > 0, fail: (error) => failures.push(error) };
}

const shape = (envelopes: Iterable<Envelope>): unknown[] =>
  Array.from(envelopes, ({ header, payload }) => [header, String(payload)]);
const ofBranch = (number: number, envelopes: readonly Envelope[]): Envelope[] =>
  envelopes.filter((one) => branchOf(one) === number);

const policies = fc.oneof(
  fc.constant({ by: 'end' } as const),
  fc.record({ by: fc.constant('records' as const), limit: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ by: fc.constant('bytes' as const), limit: fc.integer({ min: 1, max: 40 }) }),
);

test('each branch puts out what its core does alone, whatever the others do', () => {
  const inputs = fc.array(fc.array(fc.string(), { maxLength: 6 }).map((records) => envelope(records)));
  const cores = fc.array(policies, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(inputs, cores, (blocks, wanted) => {
      const make = (index: number): Core => new BatchCore(wanted[index] ?? { by: 'end' }, 50, 0);
      const together = broadcast(wanted.map((_, index) => branch(numbered(make(index), index))));
      const outputs = runAll(together, blocks);
      for (const index of wanted.keys())
        expect(shape(ofBranch(index, outputs))).toEqual(shape(runAll(make(index), blocks)));
    }),
  );
});

describe('branches of branches', () => {
  test('ticks and deadlines of all of them', () => {
    const interval = (milliseconds: number): Core => {
      const core = new BatchCore({ by: 'interval', milliseconds }, 1000, 0);
      Array.from(core.heartbeat(0));
      return core;
    };
    const inner = broadcast([branch(numbered(interval(10), 0)), branch(numbered(interval(15), 1))]);
    const outer = broadcast([branch(inner), branch(numbered(interval(20), 2))]);
    expect(outer.deadline?.()).toBe(10);
    expect(ready(outer.tick?.(10) ?? []).map(branchOf)).toEqual([0]);
    expect(outer.deadline?.()).toBe(15);
    expect(ready(outer.tick?.(20) ?? []).map(branchOf)).toEqual([0, 1, 2]);
  });
});

describe('a branch that fails', () => {
  const failing = (when: 'accept' | 'end'): Core => ({
    *accept(input) {
      if (when === 'accept') throw new Error('broken');
      yield input;
    },
    *end(ending) {
      if (when === 'end') throw new Error('broken');
      yield ending;
    },
  });

  test.each(['accept', 'end'] as const)('at its %s leaves the others as they are', (when) => {
    const bad = branch(numbered(failing(when), 0));
    const good = branch(numbered(passThrough, 1));
    const outputs = runAll(broadcast([bad, good]), [batch(0, ['a']), batch(1, ['b'])]);
    expect(recordsOf(ofBranch(1, outputs))).toEqual(['a', 'b']);
    expect(ofBranch(0, outputs)).toHaveLength(when === 'accept' ? 0 : 2);
    expect(bad.failures).toEqual([new Error('broken')]);
  });

  test.each(['accept', 'end'] as const)('at its %s as the last one ends the run', (when) => {
    const core = broadcast([branch(failing(when)), branch(failing(when))]);
    expect(() => runAll(core, [batch(0, ['a'])])).toThrow(ReaderGone);
  });

  test('one that is over is not asked when it is due', () => {
    const due: Core = { accept: () => [], end: (ending) => [ending], deadline: () => 1 };
    const over = branch(due);
    const core = broadcast([over, branch(passThrough)]);
    expect(core.deadline?.()).toBe(1);
    over.fail(new Error('over'));
    expect(core.deadline?.()).toBeUndefined();
  });
});

test('envelopes are routed by their number, through stages that keep it', () => {
  const source: Core = {
    *accept(input) {
      yield* toBranch(0, [input]);
      yield* toBranch(1, [batch(7, ['x'])]);
    },
    *end(ending) {
      yield* toBranch(0, [ending]);
      yield* toBranch(1, [ending]);
    },
  };
  const routed = chain(source, route([branch(numbered(passThrough, 5)), branch(numbered(passThrough, 6))]));
  const outputs = runAll(routed, [batch(0, ['a'])], 0, endEnvelope('ok'));
  expect(outputs.map(({ header }) => header.end ?? header.batch)).toEqual([0, 7, 'ok', 'ok']);
  expect(outputs.map(branchOf)).toEqual([5, 6, 5, 6]);
});
