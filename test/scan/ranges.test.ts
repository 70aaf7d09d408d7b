import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { RangeQueue } from '../../src/scan/ranges.ts';

test('ranges cover each file once, in order, whatever is taken at a time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.integer({ min: 1, max: 40 })), (sizes, takes) => {
      const queue = new RangeQueue(sizes.map((size, index) => ({ path: String(index), size })));
      const all = [];
      for (let turn = 0; queue.left > 0; turn += 1) {
        const [wanted, left] = [takes[turn % takes.length] ?? 7, queue.left];
        const ranges = queue.take(wanted);
        const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(bytes).toBe(Math.min(wanted, left));
        all.push(...ranges);
      }
      const ends = new Map<string, number>();
      for (const { path, start, end } of all) {
        expect(start).toBe(ends.get(path) ?? 0);
        ends.set(path, end);
      }
      expect([...ends]).toEqual(sizes.flatMap((size, index) => (size > 0 ? [[String(index), size]] : [])));
      expect(queue.take(1)).toEqual([]);
    }),
  );
});
