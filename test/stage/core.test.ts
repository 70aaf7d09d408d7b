import { describe, expect, test } from 'vitest';
import { BatchCore } from '../../src/batch/batch.ts';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { chain, type Core } from '../../src/stage/core.ts';
import { addReports, withReport } from '../../src/stage/reporting.ts';
import { WindowCore } from '../../src/window/window.ts';
import { batch, envelope, ready, recordsOf, runAll } from '../helpers/envelopes.ts';

const interval = (): BatchCore => {
  const core = new BatchCore({ by: 'interval', milliseconds: 10 }, 1000, 0);
  Array.from(core.heartbeat(0));
  return core;
};
const shape = (envelopes: Iterable<Envelope>): unknown[] =>
  Array.from(envelopes, ({ header, payload }) => [header, String(payload)]);

describe('chain', () => {
  test('is one core behind the other', () => {
    const inputs = [envelope(['a']), envelope(['b'])];
    const apart = runAll(new WindowCore({ size: 20, slide: 10 }), runAll(interval(), inputs).slice(0, -1));
    const chained = runAll(chain(interval(), new WindowCore({ size: 20, slide: 10 })), inputs);
    expect(shape(chained)).toEqual(shape(apart));
  });

  test('ticks when the first of the two is due, and hands on what a tick gives', () => {
    const chained = chain(interval(), new WindowCore({ size: 10, slide: 10 }));
    expect(chained.deadline?.()).toBe(10);
    expect(Array.from(chained.tick?.(9) ?? [])).toEqual([]);
    const [first] = ready(chained.tick?.(10) ?? []);
    expect(first?.header).toMatchObject({ batch: 0, n: 0, closed: [{ start: 0, end: 10 }] });
  });

  test('a core that is due ticks before it takes what came at that time, as the runner has it', () => {
    // Both are due: the record arrived behind the interval that ends at 10.
    const late: Core = {
      accept: () => [],
      end: (ending) => [ending],
      deadline: () => 12,
      tick: () => [envelope(['late'])],
    };
    const chained = chain(late, interval());
    const [closed] = ready(chained.tick?.(15) ?? []);
    expect(closed?.header).toMatchObject({ batch: 0, n: 0, to: 10 });
    expect(recordsOf(ready(chained.end(endEnvelope('ok'), 15)))).toEqual(['late']);
  });
});

describe('reports', () => {
  test('a heartbeat is handed on with them, past the core', () => {
    const refuse = (): never => {
      throw new Error('the core got a heartbeat');
    };
    const core: Core = { accept: refuse, end: (ending) => [ending] };
    const heartbeat = { header: { v: 1, n: 0, stages: [report] }, payload: Buffer.alloc(0) };
    const [out] = runAll(withReport(core, 'b'), [heartbeat]);
    expect(out?.header).toMatchObject({ v: 1, n: 0, stages: [report, { stage: 'b', in: 0, out: 0 }] });
  });

  const report = { stage: 'a', in: 1, out: 2, bytes: 3, ms: 4 };

  test('are added by position; gauges tell the newest', () => {
    const more = { ...report, done: 9, total: 10, cut: 1 };
    expect(addReports([{ ...report, done: 5, total: 10 }, report], [more])).toEqual([
      { stage: 'a', in: 2, out: 4, bytes: 6, ms: 8, done: 9, total: 10, cut: 1 },
      report,
    ]);
  });

  test('of a stage sum up between two last parts, behind those of the stages before', () => {
    let cut = 3;
    const pass: Core = {
      accept: (one) => [one],
      end: (ending) => [ending],
      counters: () => ({ cut: cut++ }),
    };
    const outputs = runAll(withReport(pass, 'b'), [
      envelope(['x'], { batch: 0, part: 0, last: false, stages: [report] }),
      envelope(['y', 'z'], { batch: 0, part: 1, last: true, stages: [report] }),
      batch(1, ['w']),
    ]);
    const sums = outputs.map(({ header }) => header.stages?.map((sum) => ({ ...sum, ms: 0 })));
    expect(sums).toEqual([
      undefined,
      [
        { stage: 'a', in: 2, out: 4, bytes: 6, ms: 0 },
        { stage: 'b', in: 3, out: 3, bytes: 10, ms: 0, cut: 3 },
      ],
      [
        // Nothing was reported upstream; the place is kept, since reports are added by position.
        { stage: 'a', in: 0, out: 0, bytes: 0, ms: 0 },
        { stage: 'b', in: 1, out: 1, bytes: 3, ms: 0, cut: 4 },
      ],
      // An end carries no report.
      undefined,
    ]);
  });

  test('of a batch that goes on for long come in between, in a block without records', () => {
    const hold: Core = {
      accept: ({ header }) => (header.last ? [batch(0, [])] : []),
      end: (ending) => [ending],
    };
    const core = withReport(hold, 'b');
    const shown = [0, 900, 1000, 1500, 2100].map((now, part) => {
      const input = envelope(['x'], { batch: 0, part, last: now === 2100, stages: [report] });
      return ready(core.accept(input, now)).map(({ header: { n, stages, batch: of } }) => ({
        n,
        of,
        in: stages?.map((sum) => sum.in),
      }));
    });
    expect(shown).toEqual([[], [], [{ n: 0, of: undefined, in: [3, 3] }], [], [{ n: 0, of: 0, in: [2, 2] }]]);
  });
});
