import { expect, test } from 'vitest';
import { Router, type Salt } from '../../../src/reduce/partitions/router.ts';

/** Nine of ten records have one key, the others one of so many. */
function skewed(records: number, others: number): string[] {
  return Array.from({ length: records }, (_, index) =>
    index % 10 === 0 ? `key ${Math.imul(index, 2_654_435_761) % others}` : 'hot',
  );
}

function route(keys: readonly string[], partitions: number, salt: Salt) {
  const router = new Router(partitions, salt);
  const loads = Array.from({ length: partitions }, () => 0);
  const placesOf = new Map<string, Set<number>>();
  for (const key of keys) {
    const partition = router.placeOf(key);
    loads[partition] = (loads[partition] ?? 0) + 1;
    placesOf.set(key, (placesOf.get(key) ?? new Set()).add(partition));
  }
  return { loads, placesOf, balance: router.takeBalance(), router };
}

const keys = skewed(100_000, 1000);

test('without salt all records of a key are in one partition', () => {
  const { placesOf, balance, loads } = route(keys, 8, 'off');
  expect([...placesOf.values()].every(({ size }) => size === 1)).toBe(true);
  expect(balance.imbalance).toBeCloseTo(Math.max(...loads) / (keys.length / 8));
  expect(balance.imbalance).toBeGreaterThan(7);
  expect(balance.unsalted).toBe(balance.imbalance);
  expect(balance.hot).toEqual([{ key: 'hot', share: 0.9 }]);
});

test('a hot key is split until partitions are even, and no other', () => {
  const { placesOf, balance, loads } = route(keys, 8, 'auto');
  expect([...placesOf].filter(([, { size }]) => size > 1).map(([key]) => key)).toEqual(['hot']);
  expect(balance.imbalance).toBeLessThan(1.1);
  // Shares, each of one key, none of which is much beside a partition.
  expect(loads.length).toBeGreaterThan(8 * 8);
  expect(Math.max(...loads.slice(8))).toBeLessThan(keys.length / 8 / 8);
  expect(balance.unsalted).toBeGreaterThan(7);
});

test('among as many partitions as are said', () => {
  const { placesOf, balance } = route(keys, 8, 3);
  expect(placesOf.get('hot')?.size).toBe(3);
  expect(balance.imbalance).toBeGreaterThan(2);
  expect(balance.imbalance).toBeLessThan(3);
  expect(route(keys, 4, 100).placesOf.get('hot')?.size).toBe(4);
});

test('a share is full once it has the records that it is for', () => {
  const router = new Router(2, 'auto');
  const counts = new Map<number, number>();
  const full: number[] = [];
  for (const key of keys) {
    const place = router.placeOf(key);
    counts.set(place, (counts.get(place) ?? 0) + 1);
    if (router.isFull(place, counts.get(place) ?? 0)) full.push(place);
  }
  const shares = [...counts.keys()].filter((place) => place >= 2);
  // All but the last one, in order; partitions never are.
  expect(full).toEqual(shares.slice(0, -1));
});

test.each([
  ['even keys', Array.from({ length: 50_000 }, (_, index) => `key ${index % 997}`)],
  ['too few to tell', Array.from({ length: 1000 }, () => 'hot')],
])('%s are not split', (_, stream) => {
  const { placesOf } = route(stream, 8, 'auto');
  expect([...placesOf.values()].every(({ size }) => size === 1)).toBe(true);
});

test('two hot keys, and one that is found on the way', () => {
  const stream = Array.from({ length: 60_000 }, (_, index) =>
    index < 20_000 ? `key ${index % 1000}` : index % 2 === 0 ? 'a' : 'b',
  );
  const { placesOf, balance } = route(stream, 8, 'auto');
  expect(placesOf.get('a')?.size).toBeGreaterThan(2);
  expect(new Set(balance.hot.map(({ key }) => key))).toEqual(new Set(['a', 'b']));
  expect(balance.imbalance).toBeLessThan(1.2);
});

test('begins anew with each batch, so that a batch is divided alike wherever it stands in the stream', () => {
  const router = new Router(8, 'auto');
  const places = () => {
    const all = keys.map((key) => router.placeOf(key));
    return { all, balance: router.takeBalance() };
  };
  expect(places()).toEqual(places());
  expect(router.takeBalance()).toEqual({ imbalance: 1, unsalted: 1, hot: [] });
});
