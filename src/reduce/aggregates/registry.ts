// Every aggregate. Order = order in the man page.
import type { Aggregate } from './aggregate.ts';
import { avg } from './avg.ts';
import { count } from './count.ts';
import { max, min } from './extremes.ts';
import { sum } from './sum.ts';

// The state's type is the aggregate's own business; whoever holds states hands them back to the same aggregate.
type AnyAggregate = Aggregate<unknown>;

export const aggregates: readonly AnyAggregate[] = [count, sum, avg, min, max].map(
  (aggregate) => aggregate as AnyAggregate,
);

export function findAggregate(name: string): AnyAggregate | undefined {
  return aggregates.find((aggregate) => aggregate.name === name);
}
