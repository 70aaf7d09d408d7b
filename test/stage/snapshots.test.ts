// What a stage holds, put down and taken up again: whenever that happens, what comes after is what would have come anyway.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { parseJson, stringifyJson, type Json } from '../../src/envelope/json.ts';
import { DedupCore } from '../../src/dedup/dedup.ts';
import { WindowRowsCore } from '../../src/emit/window-rows.ts';
import { JoinCore } from '../../src/join/join.ts';
import { keyFields } from '../../src/join/key.ts';
import { conditionStep } from '../../src/map/condition-step.ts';
import { limitStep, sampleStep } from '../../src/map/counting-steps.ts';
import { MapCore } from '../../src/map/map.ts';
import { FurtherPositions } from '../../src/stage/further-positions.ts';
import { kernelFieldsOf } from '../../src/reduce/kernel-fields.ts';
import { outputModeFrom } from '../../src/reduce/output-mode.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import type { Core } from '../../src/stage/core.ts';
import type { Merged } from '../../src/stage/merge.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import { compileTime } from '../../src/time/time-of.ts';
import { CountCore } from '../../src/window/count.ts';
import { EventTimeCore } from '../../src/window/event-time.ts';
import { LateRecords } from '../../src/window/late.ts';
import { SessionCore } from '../../src/window/session.ts';
import { WindowCore } from '../../src/window/window.ts';
import { envelope, ready, runAll } from '../helpers/envelopes.ts';
import { eventTimeOptions, second, windowing } from '../helpers/event-time.ts';

const show = ({ header, payload }: Envelope): string => JSON.stringify(header) + payload.toString('utf8');

/** All that `make`'s core puts out where it is put down behind batch `cut` and another one takes up what it held. */
function cutAt<Input extends Envelope>(
  make: () => Core<Input>,
  inputs: readonly Input[],
  cut: number,
): string[] {
  const isBefore = ({ header: { batch = 0 } }: Input): boolean => batch <= cut;
  const [before, behind] = [make(), make()];
  const outputs = inputs.filter(isBefore).flatMap((input) => ready(before.accept(input, 0)));
  behind.restore?.(parseJson(stringifyJson(before.snapshot?.() ?? null)));
  return [
    ...outputs,
    ...runAll(
      behind,
      inputs.filter((input) => !isBefore(input)),
    ),
  ].map(show);
}

type Payment = { t: Json; card: Json; amount: Json; text: string };

const payment: fc.Arbitrary<Payment> = fc.record({
  t: fc.integer({ min: 0, max: 60 }),
  card: fc.oneof(fc.constantFrom('a', 'b', 'ä', '_other'), fc.integer({ min: 0, max: 3 }), fc.constant(null)),
  amount: fc.oneof(
    fc.integer({ min: -50, max: 1000 }),
    fc.constantFrom(2 ** 60, 12345678901234567890n, null),
    fc.integer({ min: 0, max: 400 }).map((quarters) => quarters / 4),
  ),
  text: fc.constantFrom('x y', 'y', '', 'z x'),
});

/** Batches of a second each, in parts. */
const batches: fc.Arbitrary<Envelope[]> = fc
  .array(fc.array(fc.array(payment, { maxLength: 5 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((all) =>
    all.flatMap((parts, batch) =>
      parts.map((records, part) =>
        envelope(records, {
          batch,
          part,
          last: part === parts.length - 1,
          from: batch * second,
          to: (batch + 1) * second,
        }),
      ),
    ),
  );

const late = new LateRecords(undefined);

function reduce(expressions: string[], more: Record<string, unknown> = {}): () => Core {
  const {
    by = ['card'],
    running = false,
    mode: wanted,
    ttl,
    maxKeys,
  } = more as {
    by?: string[];
    running?: boolean;
    mode?: 'update' | 'complete';
    ttl?: number;
    maxKeys?: number;
  };
  const words = expressions.length === 0;
  return () => {
    const plan = planFrom({ by: words ? [] : by, words, partial: false, maxKeys }, expressions);
    const mode = outputModeFrom({ running, mode: wanted, emit: undefined, ttl, initial: undefined });
    return new ReduceCore(plan, {
      partial: false,
      partSize: 200,
      rejects: failOnReject,
      caveats: new Set(),
      mode,
      maxKeys,
      running: running ? { ttl, initial: [] } : undefined,
    });
  };
}

/** What a window makes of batches, for the stages behind it. */
const windowed =
  (make: () => Core) =>
  (inputs: readonly Envelope[]): Envelope[] =>
    runAll(make(), inputs).filter(({ header }) => !header.end);

/** Records as text, for words. */
const texts = (inputs: readonly Envelope[]): Envelope[] =>
  inputs.map(({ header, payload }) => {
    const records = parseJson(`[${payload.toString('utf8')}]`) as Payment[];
    return envelope(
      records.map(({ text }) => text),
      header,
    );
  });

const eventTime = (): Core => new EventTimeCore(windowing(20, 5), eventTimeOptions({ lateness: 5 * second }));
const tumbling = (): Core => new EventTimeCore(windowing(10), eventTimeOptions({ lateness: 5 * second }));
const sessions = (): Core => new SessionCore(8 * second, eventTimeOptions({ lateness: 5 * second }));
const batchTime = (): Core => new WindowCore({ size: 3 * second, slide: second });
const dedup = (within?: number): Core =>
  new DedupCore(
    {
      keys: keyFields('by', ['card']),
      maxKeys: 1000,
      ...(within && { forgetting: { within, time: compileTime({ field: 't' }), late } }),
    },
    { ...failOnReject, reject: () => undefined },
  );

const sampled = (): Core =>
  new MapCore(
    [
      conditionStep('--filter', 'amount>0', 60_000),
      sampleStep(0.7, 1, 1),
      limitStep(20),
      sampleStep(0.9, 1, 3),
    ],
    { rejects: failOnReject, taskTimeout: second, partSize: 200 },
  );

const asIs = (inputs: readonly Envelope[]): readonly Envelope[] => inputs;
const all = ['count', 'sum(amount)', 'avg(amount)', 'min(amount)', 'max(amount)'];
const sketches = [
  'p90(amount)',
  'distinct(card)',
  '~distinct(t)',
  'top(2, card)',
  'stddev(t)',
  'first(t)',
  'last(text)',
  'collect(t)',
  'histogram(t, 10)',
];

type Case = readonly [
  name: string,
  make: () => Core,
  inputs: (batches: readonly Envelope[]) => readonly Envelope[],
];

const cases: readonly Case[] = [
  ['windows on batch time', batchTime, asIs],
  ['windows on event time', eventTime, asIs],
  ['windows of records', () => new CountCore({ size: 7, slide: 3 }), asIs],
  ['sessions to be', sessions, asIs],
  ['first of each id', () => dedup(), asIs],
  ['first of each id for a time', () => dedup(10 * second), asIs],
  ['a sample up to a limit', sampled, asIs],
  ['sums of windows', reduce(all), windowed(tumbling)],
  ['sums of windows that slide', reduce(all), windowed(eventTime)],
  ['counts of windows that slide', reduce(['count']), windowed(batchTime)],
  ['one row of windows that slide', reduce(all, { by: [] }), windowed(eventTime)],
  ['few keys of windows', reduce(['count', 'sum(t)'], { maxKeys: 2 }), windowed(tumbling)],
  ['sketches of windows', reduce(sketches), windowed(tumbling)],
  ['sketches of windows that slide', reduce(sketches), windowed(eventTime)],
  ['sessions', reduce(['count', 'sum(amount)', 'last(text)']), windowed(sessions)],
  ['words of windows', reduce([]), (inputs) => windowed(batchTime)(texts(inputs))],
  ['rows of batches', reduce(all), asIs],
  ['running totals', reduce(all, { running: true }), asIs],
  ['running sketches that changed', reduce(sketches, { running: true, mode: 'update' }), asIs],
  ['running totals that expire', reduce(all, { running: true, ttl: 2 * second }), asIs],
  ['running words', reduce([], { running: true, mode: 'update' }), texts],
  ['windows that fill', reduce(all, { mode: 'update' }), windowed(eventTime)],
  ['windows that fill, all rows', reduce(all, { mode: 'complete' }), windowed(tumbling)],
  ['records that wait for their windows', () => new WindowRowsCore(), windowed(eventTime)],
  [
    'rows that are merged',
    () =>
      new ReduceCore(undefined, { partial: false, partSize: 200, rejects: failOnReject, caveats: new Set() }),
    (inputs) => windowed(batchTime)(windowed(reduce(['count', 'max(amount)']))(inputs)),
  ],
];

describe('a core that is put down and taken up', () => {
  test.each(cases)('%s', (_, make, inputsOf) => {
    fc.assert(
      fc.property(batches, fc.nat(8), (made, cut) => {
        const inputs = inputsOf(made);
        expect(cutAt(make, inputs, cut)).toEqual(runAll(make(), inputs).map(show));
      }),
    );
  });

  test('sums in the kernel and record by record are both among them', () => {
    const plan = planFrom({ by: ['card'], words: false, partial: false }, all);
    expect(plan && kernelFieldsOf(plan)).toBeDefined();
  });

  test('two streams that are joined', () => {
    const input = { keys: keyFields('on', ['card']), time: compileTime({ field: 't' }) };
    const make = (): Core<Merged> =>
      new JoinCore(
        {
          type: 'full',
          inputs: [input, { ...input, name: 'other' }],
          within: 5 * second,
          lateness: 3 * second,
          prefix: 'r_',
          maxHeld: 1000,
        },
        { partSize: 200, late, rejects: failOnReject, further: new FurtherPositions() },
      );
    fc.assert(
      fc.property(batches, batches, fc.nat(8), (left, right, cut) => {
        const merged: Merged[] = left.flatMap((part) => {
          const { batch = 0 } = part.header;
          const into = { batch, n: 0 };
          const joining = part.header.part === 0 ? right.filter(({ header }) => header.batch === batch) : [];
          return [
            ...joining.map(({ header, payload }): Merged => ({
              header,
              payload,
              input: 1,
              into,
              closes: false,
            })),
            { ...part, input: 0, into, closes: true },
          ];
        });
        expect(cutAt(make, merged, cut)).toEqual(runAll(make(), merged, 0, endEnvelope('ok')).map(show));
      }),
    );
  });
});
