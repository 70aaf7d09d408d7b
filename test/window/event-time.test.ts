import { describe, expect, test } from 'vitest';
import { endEnvelope } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import type { Rejects } from '../../src/stage/rejects.ts';
import { zoneNamed } from '../../src/time/zone.ts';
import { EventTimeCore } from '../../src/window/event-time.ts';
import { LateRecords } from '../../src/window/late.ts';
import { batch, envelope, recordsOf, runAll } from '../helpers/envelopes.ts';
import { eventTimeOptions as options, second, windowing } from '../helpers/event-time.ts';

const rows = (times: readonly number[]): Json[] => times.map((t) => ({ t }));

const timeOf = (row: Json): string => String((row as { t: number }).t);

/** What happened in each batch, in seconds: `@watermark behind it, pane: times … | closed window …`. */
function story(core: EventTimeCore, batches: readonly (readonly number[])[], now = 0): string[] {
  const told: string[] = [];
  const outputs = runAll(
    core,
    batches.map((times, index) => batch(index, rows(times))),
    now,
  );
  let line = '';
  for (const output of outputs) {
    const { pane, closed, watermark, last, end } = output.header;
    if (pane)
      line += ` ${pane.start / second}-${pane.end / second}:${recordsOf([output]).map(timeOf).join()}`;
    if (!last && !end) continue;
    const mark = watermark === undefined ? '' : `@${watermark / second}`;
    const windows = (closed ?? []).map(({ start, end: until }) => `${start / second}-${until / second}`);
    told.push(`${mark}${line} | ${windows.join(' ')}`.trim());
    line = '';
  }
  return told;
}

describe('the watermark rule', () => {
  test('it moves when a batch is over and counts from the next one on; a window closes with the batch that moves it to its end', () => {
    const core = new EventTimeCore(windowing(10), options());
    expect(story(core, [[1, 5], [12], [3, 14], [25], []])).toEqual([
      '@5 0-10:1,5 |',
      '@12 10-20:12 | 0-10',
      // 3 is late: 12 was seen in a batch before, and 0-10 has ended by then.
      '@14 10-20:14 |',
      '@25 20-30:25 | 10-20',
      '@25 |',
      '| 20-30',
    ]);
    expect(core.counters()).toEqual({ late: 1 });
  });

  test('a record of the same batch as one far ahead of it is not late', () => {
    const core = new EventTimeCore(windowing(10), options());
    expect(story(core, [[100, 1]])).toEqual(['@100 0-10:1 100-110:100 | 0-10', '| 100-110']);
    expect(core.counters()).toEqual({});
  });

  test('lateness holds it back', () => {
    const core = new EventTimeCore(windowing(10), options({ lateness: 5 * second }));
    expect(story(core, [[1], [14], [2], [15], [3], []])).toEqual([
      '@-4 0-10:1 |',
      '@9 10-20:14 |',
      '@9 0-10:2 |',
      '@10 10-20:15 | 0-10',
      '@10 |',
      '@10 |',
      '| 10-20',
    ]);
    expect(core.counters()).toEqual({ late: 1 });
  });

  test('it never goes back', () => {
    const core = new EventTimeCore(windowing(100), options());
    expect(story(core, [[50], [20], [10], [60], []])).toEqual([
      '@50 0-100:50 |',
      '@50 0-100:20 |',
      '@50 0-100:10 |',
      '@60 0-100:60 |',
      '@60 |',
      '| 0-100',
    ]);
  });

  test('a record exactly at the watermark is in time, one whose window ends at it is late', () => {
    const core = new EventTimeCore(windowing(10), options());
    expect(story(core, [[10], [9, 10], []])).toEqual([
      '@10 10-20:10 |',
      '@10 10-20:10 |',
      '@10 |',
      '| 10-20',
    ]);
    expect(core.counters()).toEqual({ late: 1 });
  });

  test('late for one window, in time for another: it counts in that one, and what has closed stays closed', () => {
    // [------0-10------)
    //          [------5-15------)
    const core = new EventTimeCore(windowing(10, 5), options());
    expect(story(core, [[12], [7], [7, 4], [16], []])).toEqual([
      '@12 10-15:12 |',
      // 0-10 had no record when it ended: it does not come to be afterwards.
      '@12 5-10:7 |',
      '@12 5-10:7 |',
      '@16 15-20:16 | 5-15',
      '@16 |',
      '| 10-20 15-25',
    ]);
    expect(core.counters()).toEqual({ late: 1 });
  });

  test('windows without a record do not exist, however far time leaps', () => {
    const core = new EventTimeCore(windowing(1), options());
    expect(story(core, [[1], [1_700_000_000], []])).toEqual([
      '@1 1-2:1 |',
      '@1700000000 1700000000-1700000001:1700000000 | 1-2',
      '@1700000000 |',
      '| 1700000000-1700000001',
    ]);
  });

  test('between two windows: outside, but time goes on', () => {
    const core = new EventTimeCore(windowing(10, 30), options());
    expect(story(core, [[5], [35, 15], []])).toEqual([
      '@5 0-10:5 |',
      '@35 30-40:35 | 0-10',
      '@35 |',
      '| 30-40',
    ]);
    expect(core.counters()).toEqual({ outside: 1 });
  });

  test('with an offset', () => {
    const core = new EventTimeCore(windowing(10, 10, { offset: 3 * second }), options());
    expect(story(core, [[2, 3, 13]])).toEqual(['@13 -7-3:2 3-13:3 13-23:13 | -7-3 3-13', '| 13-23']);
  });
});

describe('records that are left out (fault 23)', () => {
  test('more ahead of the clock than --max-skew: it moves no watermark', () => {
    const late = new LateRecords(undefined);
    const core = new EventTimeCore(windowing(10), options({ maxSkew: 5 * second, late }));
    expect(story(core, [[95, 106], [105], []], 100 * second)).toEqual([
      '@95 90-100:95 |',
      '@105 100-110:105 | 90-100',
      '@105 |',
      '| 100-110',
    ]);
    expect(core.counters()).toEqual({ ahead: 1 });
    expect(late.warnings()).toEqual([
      {
        message:
          '1 record left out as ahead; the first: batch 0, part 0, record 2: 1970-01-01T00:01:46Z is more than 5s ahead of the clock, 1970-01-01T00:01:40Z',
        hint: 'they were more ahead of the clock than --max-skew allows; --late FILE keeps them',
      },
    ]);
  });

  test('no time that can be read', () => {
    const rejected: string[] = [];
    const rejects: Rejects = {
      reject: (_, place, reason) => rejected.push(`${place}: ${reason}`),
      takeCount: () => rejected.length,
    };
    const core = new EventTimeCore(windowing(10), options({ rejects }));
    const outputs = runAll(core, [batch(3, [{ t: 1 }, { t: 'soon' }, { u: 1 }, 'text', { t: 2 }])]);
    expect(recordsOf(outputs)).toEqual([{ t: 1 }, { t: 2 }]);
    expect(rejected).toEqual([
      'batch 3, part 0, record 2: its t is no time that is known without --time-format: "soon"',
      'batch 3, part 0, record 3: it has no t, which is its time',
      'batch 3, part 0, record 4: it has no t, which is its time',
    ]);
    expect(core.counters()).toEqual({ rejected: 3 });
  });
});

describe('--idle-timeout (fault 25)', () => {
  /** Batches of a second each; the watermark of each, in seconds. */
  function watermarks(batches: readonly (readonly number[])[], idleTimeout: number): (number | undefined)[] {
    const core = new EventTimeCore(windowing(10), options({ lateness: 2 * second, idleTimeout }));
    return batches.map((times, index) => {
      const outputs = [...core.accept(batch(index, rows(times)), (1000 + index) * second)];
      const watermark = outputs.at(-1)?.header.watermark;
      return watermark === undefined ? undefined : watermark / second;
    });
  }

  test('event time goes on with the clock once nothing has come for so long', () => {
    expect(watermarks([[50], [], [], [], [], []], 3 * second)).toEqual([48, 48, 48, 51, 52, 53]);
  });

  test('what comes then is late or not by that, and time goes on from the highest seen', () => {
    const batches = [[50], [], [], [], [51], [], [], [], [70], []];
    expect(watermarks(batches, 3 * second)).toEqual([48, 48, 48, 51, 51, 51, 51, 52, 68, 68]);
  });

  test('nothing moves before the first record', () => {
    expect(watermarks([[], [], []], second)).toEqual([undefined, undefined, undefined]);
  });

  test('windows close with batches that have no record', () => {
    const core = new EventTimeCore(windowing(10), options({ idleTimeout: 3 * second }));
    const closed = [[5], [], [], [], [], []].map((times, index) =>
      [...core.accept(batch(index, rows(times)), index * second)].flatMap(({ header }) => header.closed),
    );
    expect(closed).toEqual([[], [], [], [], [], [{ start: 0, end: 10_000 }]]);
  });
});

describe('parts', () => {
  test('are parted by pane, oldest first, and numbered anew; the last one closes', () => {
    const core = new EventTimeCore(windowing(10), options());
    const outputs = runAll(core, [
      envelope(rows([25, 1, 26]), { batch: 0, part: 0, last: false, from: 0, to: 5 }),
      envelope(rows([2]), { batch: 0, part: 1, last: false, from: 0, to: 5 }),
      envelope([], { batch: 0, part: 2, last: true, from: 0, to: 5 }),
    ]);
    expect(outputs.map(({ header }) => ({ ...header, v: undefined }))).toEqual([
      { batch: 0, part: 0, last: false, n: 1, from: 0, to: 5, pane: { start: 0, end: 10_000 } },
      { batch: 0, part: 1, last: false, n: 2, from: 0, to: 5, pane: { start: 20_000, end: 30_000 } },
      { batch: 0, part: 2, last: false, n: 1, from: 0, to: 5, pane: { start: 0, end: 10_000 } },
      {
        batch: 0,
        part: 3,
        last: true,
        n: 0,
        from: 0,
        to: 5,
        closed: [{ start: 0, end: 10_000 }],
        watermark: 26_000,
      },
      { end: 'ok', n: 0, closed: [{ start: 20_000, end: 30_000 }] },
    ]);
    expect(recordsOf(outputs)).toEqual(rows([1, 25, 26, 2]));
  });

  test('a part of one pane goes on with the bytes it came with', () => {
    const core = new EventTimeCore(windowing(10), options());
    const input = batch(0, rows([1, 2, 3]));
    const [output] = core.accept(input, 0);
    expect(output?.payload.buffer).toBe(input.payload.buffer);
  });
});

describe('days (fault 40)', () => {
  const day = 86_400;
  const berlin = zoneNamed('Europe/Berlin');
  const hours = (from: string, count: number): number[] =>
    Array.from({ length: count }, (_, hour) => Date.parse(from) / 1000 + hour * 3600);

  function days(times: readonly number[], zone = berlin): string[] {
    const core = new EventTimeCore(windowing(day, day, { zone }), options());
    const counts = runAll(core, [batch(0, rows(times))]).flatMap(({ header: { pane, n } }) =>
      pane
        ? [
            `${new Date(pane.start).toISOString().slice(0, 13)} ${(pane.end - pane.start) / 3_600_000} h: ${n}`,
          ]
        : [],
    );
    return counts;
  }

  test('of Berlin, where clocks are put forward: 23 hours', () => {
    expect(days(hours('2026-03-28T20:00:00Z', 50))).toEqual([
      '2026-03-27T23 24 h: 3',
      '2026-03-28T23 23 h: 23',
      '2026-03-29T22 24 h: 24',
    ]);
  });

  test('of Berlin, where clocks are put back: 25 hours', () => {
    expect(days(hours('2026-10-24T20:00:00Z', 51))).toEqual([
      '2026-10-23T22 24 h: 2',
      '2026-10-24T22 25 h: 25',
      '2026-10-25T23 24 h: 24',
    ]);
  });

  test('of Beirut, where midnight itself is left out', () => {
    expect(days(hours('2026-03-28T20:00:00Z', 26), zoneNamed('Asia/Beirut'))).toEqual([
      '2026-03-27T22 24 h: 2',
      '2026-03-28T22 23 h: 23',
      '2026-03-29T21 24 h: 1',
    ]);
  });

  test('of Apia, which left out a day', () => {
    expect(days(hours('2011-12-29T12:00:00Z', 46), zoneNamed('Pacific/Apia'))).toEqual([
      '2011-12-29T10 24 h: 22',
      '2011-12-30T10 24 h: 24',
    ]);
  });
});

test('more windows at once than a line can hold close in batches of their own', () => {
  // One record is in 250,000 windows, and one far ahead of it ends all of them.
  const core = new EventTimeCore(windowing(250_000, 1), options());
  const outputs = runAll(core, [batch(0, rows([0])), batch(1, rows([1_000_000])), batch(2, [])]);
  const closed = outputs.map(({ header }) => header.closed ?? []);
  expect(outputs.map(({ header }, index) => [header.batch ?? header.end, closed[index]?.length])).toEqual([
    [0, 0],
    [1, 100_000],
    [2, 100_000],
    [3, 100_000],
    [4, 100_000],
    ['ok', 100_000],
  ]);
  const starts = closed.flat().map(({ start }) => start / second);
  expect(starts.slice(0, 250_000)).toEqual(Array.from({ length: 250_000 }, (_, index) => index - 249_999));
  expect(starts.at(-1)).toBe(1_000_000);
});

test('the end, good or bad, closes what is open', () => {
  const core = new EventTimeCore(windowing(10), options());
  const outputs = runAll(core, [batch(0, rows([1]))], 0, endEnvelope('failed', 'why'));
  expect(outputs.at(-1)?.header).toEqual({
    v: 1,
    n: 0,
    end: 'failed',
    reason: 'why',
    closed: [{ start: 0, end: 10_000 }],
  });
});
