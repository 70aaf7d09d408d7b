// An aggregate is a small plain object. One file each, one line in registry.ts.
import type { Json } from '../../envelope/json.ts';

/**
 * `add` and `merge` may change their first argument and return it. `merge` is associative and `init()` its neutral
 * element, so that parts, panes, workers and machines can fold on their own and be put together later.
 */
export interface Aggregate<State> {
  readonly name: string;
  /** One line for the man page. */
  readonly summary: string;
  /** What it takes in brackets: nothing, a field with numbers, or a field with numbers or text. */
  readonly argument: 'none' | 'number' | 'value';
  init(): State;
  /** `value` fits `argument`; records without a value are passed over and never come here. */
  add(state: State, value: Json): State;
  merge(state: State, other: State): State;
  /** The state without `other`, which was merged into it; undefined, and `state` as it was, where that is not exact. */
  subtract?(state: State, other: State): State | undefined;
  result(state: State): Json;
  /** The state as JSON, for `--partial`, and back. `decode` gives undefined for what is no such state. */
  encode(state: State): Json;
  decode(json: Json): State | undefined;
  /** The state that a final value stands for; absent where a final value does not say enough to be merged. */
  fromResult?(json: Json): State | undefined;
}
