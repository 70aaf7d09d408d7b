// A stream that goes on with empty batches: how long the other one waits for its records.
import { describe, expect, test } from 'vitest';
import { JoinCore } from '../../src/join/join.ts';
import { keyFields } from '../../src/join/key.ts';
import { FurtherPositions } from '../../src/stage/further-positions.ts';
import { failOnReject } from '../../src/stage/rejects.ts';
import type { Merged } from '../../src/stage/merge.ts';
import { LateRecords } from '../../src/window/late.ts';
import { batch, ready, recordsOf } from '../helpers/envelopes.ts';

const time = (record: unknown): number => (record as { t: number }).t;

/** Batches that are ten milliseconds apart, of each stream the times of its records; the times that come out of each. */
function live(
  left: readonly number[],
  right: readonly (number | undefined)[],
  idleTimeout?: number,
): string[] {
  const input = { keys: keyFields('on', ['k']), time };
  const plan = { type: 'left', within: 10, lateness: 0, prefix: 'r_', maxHeld: 1000 } as const;
  const core = new JoinCore(
    { ...plan, inputs: [input, input], idleTimeout },
    {
      partSize: 1e6,
      rejects: failOnReject,
      late: new LateRecords(undefined),
      further: new FurtherPositions(),
    },
  );
  function merged(which: number, number: number, t: number | undefined): Merged {
    const part = batch(number, t === undefined ? [] : [{ k: which, t }]);
    return {
      header: part.header,
      payload: part.payload,
      input: which,
      into: part.header,
      closes: which === 0,
    };
  }
  return left.map((t, number) => {
    const parts = [merged(1, number, right[number]), merged(0, number, t)];
    const outputs = parts.flatMap((part) => ready(core.accept(part, 1000 + 10 * number)));
    return recordsOf(outputs).map(time).join();
  });
}

const left = [100, 110, 120, 130, 140];

describe('a stream that is idle', () => {
  test('holds the other one back', () => {
    expect(live(left, [])).toEqual(['', '', '', '', '']);
    expect(live(left, [100])).toEqual(['', '', '', '', '']);
  });

  test('with --idle-timeout it does so for that long: its time goes on with the clock', () => {
    // Its watermark is 100, and from batch 2 on 120, 130, 140; what is more than 10 behind has no partner any more.
    expect(live(left, [100], 20)).toEqual(['', '', '100', '110', '120']);
  });

  test('with a record its own time counts again, and the watermark does not go back', () => {
    const right = [100, undefined, undefined, 125];
    // 100, 100, 120, 125, 125, and idle again 145.
    expect(live([...left, 150], right, 20)).toEqual(['', '', '100', '110', '', '120,130']);
  });

  test('with --idle-timeout one that never had a record holds nobody back', () => {
    expect(live(left, [], 20)).toEqual(['', '', '100', '110', '120']);
  });
});
