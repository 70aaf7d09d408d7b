// Replay equals live: what windows hold depends on the events, and not on how or when they came.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StageCommand } from '../../src/command/command.ts';
import { parsePlain } from '../../src/command/parse.ts';
import type { Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { reduceCommand, type ReduceSettings } from '../../src/reduce/command.ts';
import { reduceStage } from '../../src/reduce/stage.ts';
import { chain, type Core } from '../../src/stage/core.ts';
import { EventTimeCore } from '../../src/window/event-time.ts';
import { batch, envelope, runAll } from '../helpers/envelopes.ts';
import { eventTimeOptions, second, windowing } from '../helpers/event-time.ts';

const maxLateness = 20;

/** Events no more than `maxLateness` behind the newest one before them. */
const events = fc
  .array(
    fc.record({ advance: fc.integer({ min: 0, max: 15 }), behind: fc.nat(maxLateness), key: fc.nat(2) }),
    {
      maxLength: 60,
    },
  )
  .map((steps) => {
    let newest = 1000;
    return steps.map(({ advance, behind, key }, id) => {
      newest += advance;
      // One that is ahead of all before it moves them on; it is no more behind than it may be.
      return { t: newest - behind, key, id };
    });
  });

/** Rows cut into batches and parts at random; empty ones occur. */
function cut(records: readonly Json[], cuts: readonly { size: number; isLast: boolean }[]): Envelope[] {
  const envelopes: Envelope[] = [];
  let [number, part, at] = [0, 0, 0];
  for (const { size, isLast } of [...cuts, { size: records.length, isLast: true }]) {
    const some = records.slice(at, at + size);
    at += some.length;
    envelopes.push(envelope(some, { batch: number, part, last: isLast }));
    [number, part] = isLast ? [number + 1, 0] : [number, part + 1];
  }
  return envelopes;
}

const cutting = fc.array(fc.record({ size: fc.nat(12), isLast: fc.boolean() }), { maxLength: 20 });

function windowsOf(core: Core, inputs: readonly Envelope[]): string[] {
  return runAll(core, inputs)
    .filter(({ header }) => header.window)
    .map(({ header, payload }) => `${JSON.stringify(header.window)} ${payload.toString()}`);
}

/** As a user would have it, whatever options reduce has. */
async function reduceCore(): Promise<Core> {
  const line = 'count sum(id) min(t) max(id) --by key';
  const invocation = parsePlain(reduceCommand as unknown as StageCommand, line.split(' '));
  const { core } = await reduceStage(invocation?.settings as ReduceSettings, invocation?.operands ?? []);
  return core;
}

test('(fault 41) property: whatever the disorder within the lateness, however batches and parts are cut, windows are the same to the byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      events,
      cutting,
      cutting,
      fc.record({ size: fc.integer({ min: 1, max: 40 }), slide: fc.integer({ min: 1, max: 40 }) }),
      async (records, one, other, { size, slide }) => {
        const make = async (): Promise<{ core: Core; window: EventTimeCore }> => {
          const options = eventTimeOptions({ lateness: maxLateness * second });
          const window = new EventTimeCore(windowing(size, slide), options);
          return { core: chain(window, await reduceCore()), window };
        };
        const [once, first, second_] = [await make(), await make(), await make()];
        const expected = windowsOf(once.core, [batch(0, records)]);
        expect(windowsOf(first.core, cut(records, one))).toEqual(expected);
        expect(windowsOf(second_.core, cut(records, other))).toEqual(expected);
        expect(first.window.counters()['late']).toBe(undefined);
        // And it is what a definition without panes says.
        expect(expected).toEqual(naively(records, size, slide));
      },
    ),
    { numRuns: 300 },
  );
});

/** Each window by itself, from all records. */
function naively(
  records: readonly { t: number; key: number; id: number }[],
  size: number,
  slide: number,
): string[] {
  const windows: string[] = [];
  for (let start = Math.floor((900 - size) / slide) * slide; start < 2200; start += slide) {
    const inside = records.filter(({ t }) => t >= start && t < start + size);
    const keys = [...new Set(inside.map(({ key }) => key))].sort((one, other) => one - other);
    if (keys.length === 0) continue;
    const table = keys.map((key) => {
      const group = inside.filter((record) => record.key === key);
      const ids = group.map(({ id }) => id);
      return JSON.stringify({
        key,
        count: group.length,
        'sum(id)': ids.reduce((sum, id) => sum + id, 0),
        'min(t)': Math.min(...group.map(({ t }) => t)),
        'max(id)': Math.max(...ids),
      });
    });
    windows.push(
      `${JSON.stringify({ start: start * second, end: (start + size) * second })} ${table.join(',')}`,
    );
  }
  return windows;
}
