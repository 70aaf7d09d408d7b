import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { JoinCore, type JoinPlan } from '../../src/join/join.ts';
import { keyFields } from '../../src/join/key.ts';
import { joinOrder } from '../../src/join/order.ts';
import { FurtherPositions } from '../../src/stage/further-positions.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import type { TimeOf } from '../../src/time/time-of.ts';
import { LateRecords } from '../../src/window/late.ts';
import { batch, envelope, recordsOf } from '../helpers/envelopes.ts';
import { runMerged, stream } from '../helpers/streams.ts';

const settings = { order: joinOrder, takesBlocks: false };
const late = new LateRecords(undefined, 'join', '--lateness');
const time: TimeOf = (record) => {
  const value = (record as { t?: Json }).t;
  return typeof value === 'number' ? value : 'it has no t';
};

function coreFor(plan: Partial<JoinPlan> = {}, partSize = 1e6): JoinCore {
  const input = { keys: keyFields('on', ['k']), time };
  const whole: JoinPlan = {
    type: 'inner',
    inputs: [input, { ...input, name: 'r.env' }],
    within: 10,
    lateness: 0,
    prefix: 'r_',
    maxHeld: 1000,
    ...plan,
  };
  return new JoinCore(whole, { partSize, rejects: failOnReject, late, further: new FurtherPositions() });
}

type Event = { k: Json; t: number; [more: string]: Json };
type Batches = readonly (readonly Event[])[];

const streamOf = (name: string, batches: Batches): ReturnType<typeof stream> =>
  stream(
    name,
    batches.map((records, number) => batch(number, records)),
  );

function run(plan: Partial<JoinPlan>, left: Batches, right: Batches): Promise<Envelope[]> {
  return runMerged(coreFor(plan), [streamOf('l', left), streamOf('r', right)], settings);
}

/** The records of each batch, as `k` and the two times. */
async function told(plan: Partial<JoinPlan>, left: Batches, right: Batches): Promise<string[]> {
  const outputs = await run(plan, left, right);
  return outputs.slice(0, -1).map((output) =>
    recordsOf([output])
      .map((row) => {
        const { k, t, r_t } = row as { k: string; t?: number; r_t?: number };
        return `${k}:${t ?? '-'}/${r_t ?? '-'}`;
      })
      .join(' '),
  );
}

const a = (t: number): Event => ({ k: 'a', t });
const b = (t: number): Event => ({ k: 'b', t });

describe('pairs', () => {
  test.each([
    ['at most within apart, on both sides', [[a(10)]], [[a(0), a(20), a(21)]], ['a:10/0 a:10/20']],
    ['of one key', [[a(1), b(2)]], [[b(3)]], ['b:2/3']],
    ['of a later batch with an earlier one', [[a(1)], [], [a(4)]], [[], [a(2)]], ['', 'a:1/2', 'a:4/2']],
    ['each of one with each of the other', [[a(1), a(2)]], [[a(3), a(4)]], ['a:1/3 a:1/4 a:2/3 a:2/4']],
    [
      'none for keys that are null or missing',
      [[{ k: null, t: 1 }, { t: 1 } as unknown as Event]],
      [[{ k: null, t: 1 }]],
      [''],
    ],
    [
      '1 is not "1"',
      [
        [
          { k: 1, t: 1 },
          { k: '1', t: 2 },
        ],
      ],
      [[{ k: '1', t: 3 }]],
      ['1:2/3'],
    ],
  ])('%s', async (_name, left, right, expected) => {
    expect(await told({}, left, right)).toEqual(expected);
  });
});

describe('records without a partner', () => {
  test.each([
    ['left', ['', '', '', 'b:3/-']],
    ['right', ['', '', 'a:-/1', '']],
    ['full', ['', '', 'a:-/1', 'b:3/-']],
    ['inner', ['', '', '', '']],
  ] as const)('%s: they come once the watermark of both passed them by within', async (type, expected) => {
    //      batch 0   batch 1   batch 2        batch 3
    // left   3         11        12             30       watermark behind 2: 12, and 1 is before 12 - 10
    // right  1         4 of c    12 of d        14 of d  behind 3: 14, and 3 is before 14 - 10
    const c = (t: number): Event => ({ k: 'c', t });
    const d = (t: number): Event => ({ k: 'd', t });
    const left = [[b(3), c(3)], [c(11)], [c(12)], [d(30), d(20)]];
    const right = [[a(1)], [c(4)], [d(12), d(12)], [d(14)]];
    const rows = await told({ type }, left, right);
    const alone = rows.slice(0, 4).map((row) =>
      row
        .split(' ')
        .filter((text) => text.startsWith('a') || text.startsWith('b'))
        .join(' '),
    );
    expect(alone).toEqual(expected);
  });

  test('all that are left come at the end, in the order of time', async () => {
    expect(await told({ type: 'full' }, [[b(9), a(5)]], [[]])).toEqual(['', 'a:5/- b:9/-']);
  });

  test('a key that is null has none, so it comes as well', async () => {
    expect(await told({ type: 'left' }, [[{ k: null, t: 5 }]], [[]])).toEqual(['', 'null:5/-']);
  });

  test('not where a stream failed: nobody knows whether one would have come', async () => {
    const left = stream('l', [batch(0, [a(1), b(2)])], endEnvelope('failed', 'why'));
    const outputs = await runMerged(coreFor({ type: 'full' }), [left, streamOf('r', [[b(3)]])], settings);
    expect(recordsOf(outputs)).toEqual([{ k: 'b', t: 2, r_t: 3 }]);
    expect(outputs.at(-1)?.header.end).toBe('failed');
  });
});

describe('late records', () => {
  test('before the watermark of both: left out and counted', async () => {
    const core = coreFor({ type: 'full' });
    const left = streamOf('l', [[a(100)], [a(49), a(50)]]);
    await runMerged(core, [left, streamOf('r', [[b(50)], [b(51)]])], settings);
    // Behind the first batches the watermark is 50.
    expect(core.counters()).toEqual({ late: 1 });
    expect(core.counters()).toEqual({});
  });

  test('lateness waits for them', async () => {
    const core = coreFor({ type: 'full', lateness: 50 });
    const left = streamOf('l', [[a(100)], [a(49), a(50)]]);
    const outputs = await runMerged(core, [left, streamOf('r', [[b(100)], [b(50)]])], settings);
    expect(core.counters()).toEqual({ late: 1 });
    expect(recordsOf(outputs)).toHaveLength(4);
  });
});

describe('what a joined record looks like', () => {
  const row = async (left: Json, right: Json, plan: Partial<JoinPlan> = {}): Promise<string> => {
    const streams = [left, right].map((record, index) => stream(`s${index}`, [batch(0, [record])]));
    const outputs = await runMerged(coreFor(plan), streams, settings);
    return outputs.map(({ payload }) => payload.toString()).join('');
  };
  const [keys, other] = [keyFields('on', ['k']), keyFields('with-on', ['id'])];

  test.each([
    [
      'the left one, then the right one without the key',
      { k: 1, t: 1, x: [1] },
      { k: 1, t: 2, x: null },
      {},
      '{"k":1,"t":1,"x":[1],"r_t":2,"r_x":null}',
    ],
    [
      'without a prefix',
      { k: 1, t: 1 },
      { k: 1, t: 1 },
      { prefix: 'x', type: 'inner' },
      '{"k":1,"t":1,"xt":1}',
    ],
    [
      'integers stay as they are',
      { k: 9007199254740993n, t: 1 },
      { k: 9007199254740993n, t: 1, z: 9007199254740995n },
      {},
      '{"k":9007199254740993,"t":1,"r_t":1,"r_z":9007199254740995}',
    ],
    [
      'names that mean something to JavaScript',
      JSON.parse('{"k":1,"t":1,"__proto__":1}'),
      JSON.parse('{"__proto__":2,"constructor":3,"k":1,"t":1}'),
      {},
      '{"k":1,"t":1,"__proto__":1,"r___proto__":2,"r_constructor":3,"r_t":1}',
    ],
    [
      'the right one alone',
      { k: 2, t: 1 },
      { v: 1, k: 1, t: 2 },
      { type: 'right' },
      '{"k":1,"r_v":1,"r_t":2}',
    ],
    [
      'another name of the key',
      { k: 1, t: 1 },
      { id: 1, t: 1 },
      {
        inputs: [
          { keys, time },
          { keys: other, time },
        ],
      },
      '{"k":1,"t":1,"r_t":1}',
    ],
    [
      'another name of the key, the right one alone',
      { k: 1, t: 1 },
      { id: 2, t: 1 },
      {
        type: 'right',
        inputs: [
          { keys, time },
          { keys: other, time },
        ],
      },
      '{"k":2,"r_t":1}',
    ],
  ] satisfies [string, Json, Json, Partial<JoinPlan>, string][])(
    '%s',
    async (_name, left, right, plan, expected) => {
      expect(await row(left, right, plan)).toBe(expected);
    },
  );

  test('a name that both have is an error of the one that comes later', async () => {
    await expect(row({ k: 1, t: 1, r_t: 1 }, { k: 1, t: 1 })).rejects.toMatchObject({
      exit: 'badData',
      message:
        "batch 0, part 0, record 1: both it and its partner have a field 'r_t'; another --prefix tells the two apart",
    });
    await expect(row({ k: 1, t: 1 }, { k: 1, t: 1 }, { prefix: '' })).rejects.toThrow(`a field 't'`);
  });
});

describe('records that cannot be joined', () => {
  test.each([
    [['text'], [], 'batch 0, part 0, record 1: join needs an object, and this is text ("text")'],
    [[a(1), { k: 'a' }], [], 'batch 0, part 0, record 2: it has no t'],
    [[], [[1]], 'r.env, batch 0, part 0, record 1: join needs an object, and this is a list'],
  ] satisfies [Json[], Json[], string][])('%j and %j', async (left, right, message) => {
    const streams = [left, right].map((records, index) => stream(`s${index}`, [batch(0, records)]));
    await expect(runMerged(coreFor(), streams, settings)).rejects.toThrow(message);
  });

  test('windows have no place here', async () => {
    const windowed = stream('l', [batch(0, [], { closed: [] })]);
    await expect(runMerged(coreFor(), [windowed, streamOf('r', [])], settings)).rejects.toThrow(
      'these records are in windows already',
    );
  });

  test('too many of them', async () => {
    const left = [[a(1), a(1), a(1)]];
    await expect(run({ maxHeld: 2 }, left, [[]])).rejects.toThrow('more than 2 records wait for a partner');
  });
});

describe('batches that go out', () => {
  test('have number and interval of the left stream; what is left over comes in the next one', async () => {
    const at = (number: number, from: number, records: Event[]): Envelope =>
      batch(number, records, { from, to: from + 10 });
    const left = stream('l', [at(3, 0, [a(1)]), at(4, 10, [])]);
    const right = stream('r', [at(0, 0, []), at(1, 10, []), at(2, 20, [])]);
    const outputs = await runMerged(coreFor({ type: 'left' }), [left, right], settings);
    expect(outputs.map(({ header: { batch: number, from, to, n } }) => [number, from, to, n])).toEqual([
      [3, 0, 10, 0],
      [4, 10, 20, 0],
      [5, 20, 30, 0],
      [6, 30, 40, 1],
      [undefined, undefined, undefined, 0],
    ]);
  });

  test('leave in parts', async () => {
    const core = coreFor({}, 25);
    const outputs = await runMerged(
      core,
      [streamOf('l', [[a(1), a(2)]]), streamOf('r', [[a(3), a(4)]])],
      settings,
    );
    expect(outputs.map(({ header: { part, last, n } }) => [part, last, n])).toEqual([
      [0, false, 1],
      [1, false, 1],
      [2, false, 1],
      [3, true, 1],
      [undefined, undefined, 0],
    ]);
  });
});

// Events that come at most 5 behind the newest of their stream, so that with this lateness none is late.
const lateness = 5;
const event = fc.record({
  k: fc.constantFrom('a', 'b', null),
  step: fc.nat(6),
  back: fc.nat(lateness),
  id: fc.nat(999),
});
const events = fc.array(event, { maxLength: 25 }).map((steps): Event[] => {
  let now = 0;
  return steps.map(({ k, step, back, id }) => ({ k, t: (now += step) - back, id }));
});
/** Cuts a list at random places. */
const cutter = fc.array(fc.nat(25), { maxLength: 6 });
function cut<Item>(items: readonly Item[], cuts: readonly number[]): Item[][] {
  const places = [
    0,
    ...cuts.map((at) => Math.min(at, items.length)).sort((one, other) => one - other),
    items.length,
  ];
  return places.slice(1).map((end, index) => items.slice(places[index], end));
}

const sorted = (rows: readonly Json[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** A nested loop over all there is. */
function naive(type: JoinPlan['type'], left: readonly Event[], right: readonly Event[]): Json[] {
  const fits = (one: Event, other: Event): boolean =>
    one.k !== null && one.k === other.k && Math.abs(one.t - other.t) <= 10;
  const rows: Json[] = left.flatMap((one) =>
    right
      .filter((other) => fits(one, other))
      .map(({ t, id }) => Object.assign({}, one, { r_t: t, r_id: id as Json })),
  );
  if (type === 'left' || type === 'full')
    rows.push(...left.filter((one) => !right.some((other) => fits(one, other))));
  if (type === 'right' || type === 'full') {
    const alone = right.filter((other) => !left.some((one) => fits(one, other)));
    rows.push(...alone.map(({ k, t, id }) => ({ k, r_t: t, r_id: id as Json })));
  }
  return rows;
}

describe('properties', () => {
  const type = fc.constantFrom('inner', 'left', 'right', 'full');

  test('however the streams are cut into batches: what a nested loop finds, and no row twice', async () => {
    const property = fc.asyncProperty(
      type,
      events,
      events,
      cutter,
      cutter,
      async (kind, left, right, one, other) => {
        const outputs = await run({ type: kind, lateness }, cut(left, one), cut(right, other));
        expect(sorted(recordsOf(outputs))).toEqual(sorted(naive(kind, left, right)));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('however batches are cut into parts, and whichever stream is faster: the same bytes', async () => {
    const parts = (batches: readonly Event[][], cuts: readonly number[]): Envelope[] =>
      batches.flatMap((records, number) =>
        cut(records, cuts).map((piece, part, all) =>
          envelope(piece, { batch: number, part, last: part === all.length - 1 }),
        ),
      );
    const pauses = fc.array(fc.nat(2), { maxLength: 3 });
    const property = fc.asyncProperty(
      type,
      events,
      cutter,
      cutter,
      pauses,
      async (kind, list, one, other, slow) => {
        const [left, right] = [cut(list, one), cut(list, other)];
        const bytes = async (pieces: readonly number[], pause: readonly number[]): Promise<string[]> => {
          const streams = [left, right].map((batches, index) =>
            stream('s', parts(batches, pieces), endEnvelope('ok'), index === 0 ? pause : []),
          );
          const outputs = await runMerged(coreFor({ type: kind }), streams, settings);
          return outputs.map(({ header, payload }) => JSON.stringify(header) + payload.toString());
        };
        expect(await bytes(other, slow)).toEqual(await bytes([], []));
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('what is held goes with the watermark', async () => {
    const long = Array.from({ length: 2000 }, (_, index) => [a(index * 3)]);
    await expect(run({ type: 'full', maxHeld: 12 }, long, long)).resolves.toHaveLength(2001);
    await expect(run({ type: 'full', maxHeld: 9 }, long, long)).rejects.toThrow('more than 9');
  });
});
