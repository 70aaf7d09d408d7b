// An aggregate is a small plain object; its kind is what a user can type for it. One file each, one line in
// registry.ts.
import type { Interval } from '../../envelope/envelope.ts';
import type { Json } from '../../envelope/json.ts';

/** A result that is told by a few of all numbers: `atRank` gives those of a rank, from 1 to `count`, which is not 0. */
export type OfRanks = (count: number, atRank: (rank: number) => number) => number;

/**
 * `add`, `merge` and `subtract` may change their first argument and return it; the second one stays as it is, and
 * they share nothing that changes. `merge` is associative and `init()` its neutral element, so that parts, panes, workers and
 * machines can fold on their own and be put together later, in the order of the stream.
 */
export interface Aggregate<State> {
  readonly name: string;
  /** What it takes: no value, a number, a number or text, or any value but null. */
  readonly takes: 'nothing' | 'number' | 'value' | 'anything';
  init(): State;
  /** `value` fits `takes`; records without a value are passed over and never come here. */
  add(state: State, value: Json): State;
  merge(state: State, other: State): State;
  /** The state without `other`, which was merged into it; undefined, and `state` as it was, where that is not exact. */
  subtract?(state: State, other: State): State | undefined;
  /** `interval`: what the records are from, where batches or windows have one. */
  result(state: State, interval?: Interval): Json;
  /** Where a state is a sketch of all numbers, what of them is the result: so many can be kept in another way. */
  readonly ofRanks?: OfRanks;
  /** The state as JSON, for `--partial`, and back. `decode` gives undefined for what is no such state. */
  encode(state: State): Json;
  decode(json: Json): State | undefined;
  /** The state that a final value stands for; absent where a final value does not say enough to be merged. */
  fromResult?: (json: Json) => State | undefined;
  /** What is not as one would expect about the result, to be said once, at the end: `passed 2^53: …`. */
  caveat?(state: State, fieldName?: string): string | undefined;
}

// The state's type is the aggregate's own business; whoever holds states hands them back to the same aggregate.
export type AnyAggregate = Aggregate<unknown>;

/** An aggregate as it was called: with the field it reads, or what it asks of a record, or the records it is for. */
type Call = {
  readonly aggregate: AnyAggregate;
  readonly fieldName?: string | undefined;
  /** Only for records that fit, as behind `if`. */
  readonly condition?: string;
  /** Its value is whether this condition holds. */
  readonly test?: string;
};

export type AggregateKind = {
  readonly name: string;
  /** Where it goes by many names, such as p50 and p99. */
  readonly pattern?: RegExp;
  /** How it is written, for the manual: `top(N, FIELD)`; and an example for messages. */
  readonly usage: string;
  readonly example: string;
  /** One line for the manual. */
  readonly summary: string;
  /**
   * `argument` is what stands between the brackets, undefined without them. Undefined where that is not as `usage`
   * has it. Throws SluiceError('usage') where there is more to say.
   */
  call(argument: string | undefined, name: string): Call | undefined;
};

/** The kind of an aggregate that takes a field and nothing else. */
export function ofField<State>(
  aggregate: Aggregate<State>,
  summary: string,
  example = `${aggregate.name}(bytes)`,
): AggregateKind {
  return {
    name: aggregate.name,
    usage: `${aggregate.name}(FIELD)`,
    example,
    summary,
    call: (argument) => (argument === undefined ? undefined : { aggregate, fieldName: argument }),
  };
}
