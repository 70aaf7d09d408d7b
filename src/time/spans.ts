// What is held until a time has passed, in spans of that time: the oldest are let go without a look at all the others.

const spansWithin = 8;

export class Spans<Item extends { readonly time: number }> {
  readonly #length: number;
  readonly #spans = new Map<number, Item[]>();

  /** `reach` is about how much time lies between the oldest and the newest, in milliseconds. */
  constructor(reach: number) {
    this.#length = Math.max(1, Math.ceil(reach / spansWithin));
  }

  add(item: Item): void {
    const number = Math.floor(item.time / this.#length);
    const span = this.#spans.get(number);
    if (span) span.push(item);
    else this.#spans.set(number, [item]);
  }

  /** All that is held, of one span as they came. */
  all(): Item[] {
    return [...this.#spans.values()].flat();
  }

  /** Lets go of all before `limit`, in the order of time; of one time as they came. */
  release(limit: number): Item[] {
    const released: Item[] = [];
    for (const [number, items] of this.#spans) {
      if (number * this.#length >= limit) continue;
      const rest: Item[] = [];
      for (const item of items) (item.time >= limit ? rest : released).push(item);
      if (rest.length > 0) this.#spans.set(number, rest);
      else this.#spans.delete(number);
    }
    return released.sort((one, other) => one.time - other.time);
  }
}
