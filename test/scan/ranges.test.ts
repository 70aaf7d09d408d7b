import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { PieceQueue, type FileRange } from '../../src/scan/ranges.ts';

const filesOf = (sizes: readonly number[]) => sizes.map((size, index) => ({ path: String(index), size }));

/** All bytes of the files, each as its place: `0:3` is the fourth of the first file. */
function bytesOf(ranges: readonly FileRange[]): string[] {
  return ranges.flatMap(({ path, start, end }) =>
    Array.from({ length: end - start }, (_, index) => `${path}:${start + index}`),
  );
}

const allBytes = (sizes: readonly number[]) =>
  bytesOf(filesOf(sizes).map(({ path, size }) => ({ path, start: 0, end: size })));

test('pieces cover each file once, whoever takes them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50)),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(2)),
      (sizes, size, turns) => {
        const first = new PieceQueue(filesOf(sizes), undefined, size);
        const queues = [first, ...[1, 2].map(() => new PieceQueue(filesOf(sizes), first.shared, size))];
        const taken: string[] = [];
        for (let turn = 0; ; turn += 1) {
          const index = turns[turn % turns.length] ?? 0;
          const left = first.left;
          const ranges = queues[index]?.take(index + 1);
          if (!ranges) break;
          taken.push(...bytesOf(ranges));
          expect(first.left).toBe(Math.max(0, left - size));
        }
        expect(taken).toEqual(allBytes(sizes));
        expect(first.left).toBe(0);
      },
    ),
  );
});

test('pieces of an owner that was lost are taken once more', () => {
  const queue = new PieceQueue(filesOf([5, 20]), undefined, 4);
  const taken = new Map<number, string[]>();
  for (let turn = 0, ranges; (ranges = queue.take((turn % 3) + 1)); turn += 1)
    taken.set((turn % 3) + 1, [...(taken.get((turn % 3) + 1) ?? []), ...bytesOf(ranges)]);
  const again = [];
  for (let ranges; (ranges = queue.retake(new Set([1, 2]), 1));) again.push(...bytesOf(ranges));
  expect(again).toEqual(taken.get(3));
  expect([...(taken.get(1) ?? []), ...(taken.get(2) ?? []), ...again].toSorted()).toEqual(
    allBytes([5, 20]).toSorted(),
  );
});
