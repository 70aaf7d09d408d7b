import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { decodeRecords } from '../../src/envelope/records.ts';
import { WindowRowsCore } from '../../src/emit/window-rows.ts';
import { batch, runAll } from '../helpers/envelopes.ts';

/** `batch 1.0: 1,2 window 0` for a part with records, `batch 1.1 last` for the last one. */
function told({ header, payload }: Envelope): string {
  if (header.end) return header.end;
  const records = JSON.stringify(decodeRecords({ header, payload })).slice(1, -1);
  const window = header.window ? ` window ${header.window.start}` : '';
  return `batch ${header.batch}.${header.part}: ${records}${window}${header.last ? ' last' : ''}`;
}

const at = (start: number): { start: number; end: number } => ({ start, end: start + 10 });

const windowed = [
  batch(0, [1], { pane: at(0), closed: [] }),
  batch(1, [2], { pane: at(0), closed: [at(0)] }),
  batch(2, [3], { pane: at(10), closed: [] }),
];

describe('records that were windowed and not reduced', () => {
  test('come out when their windows close', () => {
    expect(runAll(new WindowRowsCore(), windowed).map(told)).toEqual([
      'batch 0.0:  last',
      'batch 1.0: 1 window 0',
      'batch 1.1: 2 window 0',
      'batch 1.2:  last',
      'batch 2.0:  last',
      'ok',
    ]);
  });

  test('come out with the end where that closes their window', () => {
    const ending: Envelope = {
      header: { v: 1, n: 0, end: 'ok', closed: [at(10)] },
      payload: Buffer.alloc(0),
    };
    expect(runAll(new WindowRowsCore(), windowed, 0, ending).map(told).slice(5)).toEqual([
      'batch 3.0: 3 window 10',
      'batch 3.1:  last',
      'ok',
    ]);
  });

  test('a window without records is one without rows', () => {
    const empty = batch(0, [], { pane: at(0), closed: [at(0)] });
    expect(runAll(new WindowRowsCore(), [empty]).map(told)).toEqual([
      'batch 0.0:  window 0',
      'batch 0.1:  last',
      'ok',
    ]);
  });

  test('go on where a snapshot was taken', () => {
    const [first, ...rest] = windowed as [Envelope, ...Envelope[]];
    const core = new WindowRowsCore();
    const before = [...core.accept(first)];
    const again = new WindowRowsCore();
    again.restore(JSON.parse(JSON.stringify(core.snapshot())));
    expect([...before, ...runAll(again, rest)]).toEqual(runAll(new WindowRowsCore(), windowed));
  });

  test('rows of reduced windows, and records in no window, pass through', () => {
    const rows = [
      batch(0, [1]),
      batch(1, [2], { window: at(0), closed: [at(0)], reduced: { keys: [], aggregates: {} } }),
    ];
    expect(runAll(new WindowRowsCore(), rows)).toEqual([...rows, endEnvelope('ok')]);
  });
});
