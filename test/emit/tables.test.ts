import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/envelope/envelope.ts';
import { Tables } from '../../src/emit/tables.ts';
import { batch, envelope, failureOf } from '../helpers/envelopes.ts';

/** `batch 0: 1,2` for what begins and ends a table, `…` where more follows or went before. */
function tables(inputs: readonly Envelope[]): string[] {
  const all = new Tables();
  const parts = [...inputs.flatMap((input) => Array.from(all.accept(input))), ...all.end()];
  return parts.map(({ head, rows, isFirst, isLast }) => {
    const name = head.isWindow ? `window ${head.interval?.start}` : `batch ${head.batch}`;
    return `${name}: ${isFirst ? '' : '…'}${[...rows.texts()].flat().join(',')}${isLast ? '' : '…'}`;
  });
}

const at = (start: number): { start: number; end: number } => ({ start, end: start + 10 });

describe('tables', () => {
  test.each([
    {
      name: 'a batch',
      inputs: [batch(0, [1, 2]), batch(1, [])],
      expected: ['batch 0: 1,2', 'batch 1: '],
    },
    {
      name: 'parts of a batch',
      inputs: [
        envelope([1], { batch: 0, part: 0, last: false }),
        envelope([2], { batch: 0, part: 1, last: true }),
      ],
      expected: ['batch 0: 1…', 'batch 0: …2'],
    },
    {
      name: 'windows of one batch',
      inputs: [
        envelope([1], { batch: 0, part: 0, last: false, window: at(0) }),
        envelope([2], { batch: 0, part: 1, last: true, window: at(10) }),
      ],
      expected: ['window 0: 1…', 'window 0: …', 'window 10: 2'],
    },
    {
      name: 'a batch that never closes',
      inputs: [envelope([1], { batch: 0, part: 0, last: false })],
      expected: ['batch 0: 1…', 'batch 0: …'],
    },
    {
      name: 'windows that are complete, which a part without rows says',
      inputs: [
        envelope([1], { batch: 0, part: 0, last: false, window: at(0) }),
        envelope([], { batch: 0, part: 1, last: true, closed: [at(0)] }),
      ],
      expected: ['window 0: 1…', 'window 0: …'],
    },
  ])('$name', ({ inputs, expected }) => {
    expect(tables(inputs)).toEqual(expected);
  });

  test('a wrong count is refused', () => {
    const damaged = { header: { v: 1, batch: 2, part: 0, last: true, n: 2 }, payload: Buffer.from('1') };
    expect(failureOf(() => tables([damaged]))).toBe(
      `badData: batch 2, part 0 is damaged: field 'n' says 2, but there are 1 records`,
    );
  });
});
