// Every aggregate. Order = order in the man page.
import type { AggregateKind } from './aggregate.ts';
import { approximateDistinctKind } from './approximate-distinct.ts';
import { avgKind } from './avg.ts';
import { collectKind } from './collect.ts';
import { countKind } from './count.ts';
import { distinctKind } from './distinct.ts';
import { firstKind, lastKind } from './ends.ts';
import { maxKind, minKind } from './extremes.ts';
import { histogramKind } from './histogram.ts';
import { medianKind, percentileKind } from './quantile.ts';
import { rateKind } from './rate.ts';
import { shareKind } from './share.ts';
import { sumKind } from './sum.ts';
import { modeKind, topKind } from './top.ts';
import { stddevKind, varKind } from './variance.ts';

export const aggregateKinds: readonly AggregateKind[] = [
  countKind,
  sumKind,
  avgKind,
  shareKind,
  minKind,
  maxKind,
  firstKind,
  lastKind,
  varKind,
  stddevKind,
  medianKind,
  percentileKind,
  distinctKind,
  approximateDistinctKind,
  topKind,
  modeKind,
  rateKind,
  histogramKind,
  collectKind,
];

export function findAggregateKind(name: string): AggregateKind | undefined {
  return aggregateKinds.find((kind) => kind.pattern?.test(name) ?? kind.name === name);
}
