// Hot path. One key's states in the panes of a window, and what they are together.
//
// As long as every aggregate can be subtracted, one total: what enters is added, what leaves is taken away. Else two
// stacks: `back` is what entered, added up; once `front` is empty all of it is turned over, so that each entry there is
// itself and everything younger. The oldest is on top, and going costs nothing.
//
//   oldest ─────────────────────────────▶ newest
//   front  a+b+c   b+c   c  │  back  d+e
//
// Each state is added a fixed number of times, however many panes a window has, and older ones always come first.
import type { AnyAggregate } from './aggregates/aggregate.ts';

type States = readonly unknown[];

export class KeyWindow {
  readonly #aggregates: readonly AnyAggregate[];
  /** What is inside, oldest first; with stacks only what is in `back`. */
  #entered: States[] = [];
  #total: States | undefined;
  #front: States[] = [];
  #isStacked: boolean;

  constructor(aggregates: readonly AnyAggregate[]) {
    this.#aggregates = aggregates;
    this.#isStacked = aggregates.some((aggregate) => !aggregate.subtract);
  }

  /** How many panes the key is in. */
  get size(): number {
    return this.#front.length + this.#entered.length;
  }

  /** `states` stay as they are. */
  enter(states: States): void {
    this.#entered.push(states);
    this.#total = this.#sum(this.#total ?? this.#nothing(), states);
  }

  /** The oldest states go. */
  leave(): void {
    if (!this.#isStacked && this.#subtract()) return;
    this.#isStacked = true;
    if (this.#front.length === 0) this.#turnOver();
    this.#front.pop();
  }

  states(): States {
    const oldest = this.#front.at(-1);
    if (!oldest) return this.#total ?? this.#nothing();
    const sum = this.#sum(this.#nothing(), oldest);
    return this.#total ? this.#sum(sum, this.#total) : sum;
  }

  #turnOver(): void {
    let younger: States | undefined;
    for (const states of this.#entered.reverse()) {
      const sum: States = this.#sum(this.#nothing(), states);
      younger = younger ? this.#sum(sum, younger) : sum;
      this.#front.push(younger);
    }
    this.#entered = [];
    this.#total = undefined;
  }

  /** False, and nothing has changed, where it would not be exact. */
  #subtract(): boolean {
    const [oldest] = this.#entered;
    const total = this.#total;
    if (!oldest || !total) return false;
    // A total that is half subtracted is of no use: it is made anew from what is inside, as stacks do.
    const rest: unknown[] = [];
    for (const [index, aggregate] of this.#aggregates.entries()) {
      const state = aggregate.subtract?.(total[index], oldest[index]);
      if (state === undefined) return false;
      rest.push(state);
    }
    this.#entered.shift();
    this.#total = this.#entered.length > 0 ? rest : undefined;
    return true;
  }

  #nothing(): unknown[] {
    return this.#aggregates.map((aggregate) => aggregate.init());
  }

  #sum(states: States, others: States): States {
    return this.#aggregates.map((aggregate, index) => aggregate.merge(states[index], others[index]));
  }
}
