import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { HotKeys } from '../../../src/reduce/partitions/hot-keys.ts';

test('never says more of a key than there is, and knows each that has more than a sixty-fourth', () => {
  const key = fc.oneof(fc.nat(5), fc.nat(300).map(String));
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 2000 }), (keys) => {
      const hot = new HotKeys();
      const counts = new Map<number | string, number>();
      for (const one of keys) {
        counts.set(one, (counts.get(one) ?? 0) + 1);
        expect(hot.add(one)).toBeLessThanOrEqual(counts.get(one) as number);
      }
      const found = new Map(hot.above(0).map(({ key: one, share }) => [one, share * keys.length]));
      for (const [one, count] of counts) {
        if (count > keys.length / 64) expect(found.has(one)).toBe(true);
        expect(found.get(one) ?? 0).toBeLessThanOrEqual(count + 1e-6);
      }
    }),
  );
});

test('one frequent key among many that come once', () => {
  const hot = new HotKeys();
  for (let index = 0; index < 10_000; index += 1) hot.add(index % 4 === 0 ? 'often' : index);
  const [first] = hot.above(0.2);
  expect(first?.key).toBe('often');
  expect(first?.share).toBeGreaterThan(0.24);
  expect(hot.above(0.3)).toEqual([]);
});
