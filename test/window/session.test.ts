import { expect, test } from 'vitest';
import { failOnReject } from '../../src/stage/rejects.ts';
import { LateRecords } from '../../src/window/late.ts';
import { SessionCore } from '../../src/window/session.ts';
import { batch, recordsOf, runAll } from '../helpers/envelopes.ts';

test('records are passed on with gap and time; those whose gap is over by the watermark are late', () => {
  const time = { field: 't', zone: 'Europe/Berlin' };
  const late = new LateRecords(undefined);
  const core = new SessionCore(5000, { time, lateness: 2000, late, rejects: failOnReject });
  const outputs = runAll(
    core,
    [[10, 20], [13, 14, 12], []].map((times, index) =>
      batch(
        index,
        times.map((t) => ({ t })),
      ),
    ),
  );
  expect(outputs.map(({ header }) => ({ ...header, v: undefined }))).toEqual([
    { batch: 0, part: 0, last: true, n: 2, session: { gap: 5000, time } },
    // The watermark is 18: a session of 13 alone would have ended at just that.
    { batch: 1, part: 0, last: true, n: 1, session: { gap: 5000, time }, watermark: 18_000 },
    { batch: 2, part: 0, last: true, n: 0, session: { gap: 5000, time }, watermark: 18_000 },
    { n: 0, end: 'ok' },
  ]);
  expect(recordsOf(outputs)).toEqual([{ t: 10 }, { t: 20 }, { t: 14 }]);
  expect(core.counters()).toEqual({ late: 2 });
});
