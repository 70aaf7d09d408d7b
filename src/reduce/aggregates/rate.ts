// rate: records per second, rate(FIELD): the sum of a field per second, over the interval of the batch or window.
import type { Interval } from '../../envelope/envelope.ts';
import { SluiceError } from '../../errors.ts';
import type { Aggregate, AggregateKind } from './aggregate.ts';
import { count } from './count.ts';
import { sum } from './sum.ts';
import { totalOf } from './total.ts';

const { fromResult: _count, ...counting } = count;
const { fromResult: _sum, ...summing } = sum;

/** No fromResult: of a rate nobody knows over how many seconds it was. */
const rateOfRecords: Aggregate<number> = {
  ...counting,
  name: 'rate',
  result: (state, interval) => state / secondsOf(interval),
};

const rateOfField: Aggregate<ReturnType<typeof sum.init>> = {
  ...summing,
  name: 'rate',
  result: (state, interval) => totalOf(state) / secondsOf(interval),
};

/** Count windows have intervals too, of records. */
type AnyInterval = Interval & { readonly unit?: string };

function secondsOf(interval: AnyInterval | undefined): number {
  if (interval && interval.unit === undefined) return (interval.end - interval.start) / 1000;
  throw new SluiceError(
    'usage',
    'rate needs to know the seconds, and these records have no interval of time',
    'cut batches by time, sluice batch 10s, or use sluice window; without them take count or sum',
  );
}

export const rateKind: AggregateKind = {
  name: 'rate',
  usage: 'rate, rate(FIELD)',
  example: 'rate or rate(bytes)',
  summary: 'records, or the sum of a field, per second of the batch or window',
  call: (argument) =>
    argument === undefined ? { aggregate: rateOfRecords } : { aggregate: rateOfField, fieldName: argument },
};
