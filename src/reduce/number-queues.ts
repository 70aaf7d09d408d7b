// Hot path. A queue of numbers for each owner, all in one array: what came first leaves first.
//
//   blocks   │ 7 8 · · │ 3 │ 9 7 │ · · · 1 2 4 · · │ …        powers of two, each a ring; the numbers of an owner lie
//   owners     a         b   c           d                    together, for a look elsewhere takes longer than a number

/** Of each owner, u32 each: where its block is, how large, where in it the oldest number is, and how many there are. */
const fields = 4;
const capacity = 1;
const head = 2;
const count = 3;

export class NumberQueues {
  #numbers = new Float64Array(64);
  #used = 0;
  #owners = new Uint32Array(16 * fields);
  /** Blocks that are not needed any more, by the logarithm of their size. */
  readonly #free: number[][] = [];

  countOf(owner: number): number {
    return this.#owners[owner * fields + count] ?? 0;
  }

  /** One more than the last owner that there may be. */
  get end(): number {
    return this.#owners.length / fields;
  }

  push(owner: number, number: number): void {
    const of = owner * fields;
    if (of >= this.#owners.length) this.#addOwners(of);
    const owners = this.#owners;
    const many = owners[of + count] as number;
    if (many === owners[of + capacity]) this.#widen(of);
    const mask = (owners[of + capacity] as number) - 1;
    this.#numbers[(owners[of] as number) + (((owners[of + head] as number) + many) & mask)] = number;
    owners[of + count] = many + 1;
  }

  /** The number behind so many older ones. */
  at(owner: number, index: number): number {
    const owners = this.#owners;
    const of = owner * fields;
    const place = ((owners[of + head] as number) + index) & ((owners[of + capacity] as number) - 1);
    return this.#numbers[(owners[of] as number) + place] as number;
  }

  /** So many of the oldest leave. */
  drop(owner: number, many: number): void {
    const owners = this.#owners;
    const of = owner * fields;
    const left = (owners[of + count] as number) - many;
    if (left === 0) {
      this.#release(owners[of] as number, owners[of + capacity] as number);
      owners.fill(0, of, of + fields);
    } else {
      owners[of + head] = ((owners[of + head] as number) + many) & ((owners[of + capacity] as number) - 1);
      owners[of + count] = left;
    }
  }

  /** Copies all numbers of an owner, oldest first; returns how many. */
  copy(owner: number, to: Float64Array): number {
    const owners = this.#owners;
    const of = owner * fields;
    const many = this.countOf(owner);
    if (many === 0) return 0;
    const block = owners[of] as number;
    const first = owners[of + head] as number;
    const mask = (owners[of + capacity] as number) - 1;
    for (let index = 0; index < many; index += 1)
      to[index] = this.#numbers[block + ((first + index) & mask)] as number;
    return many;
  }

  /** All numbers of an owner, oldest first. */
  all(owner: number): Float64Array<ArrayBuffer> {
    const all = new Float64Array(this.countOf(owner));
    this.copy(owner, all);
    return all;
  }

  /** Moves a queue into a block of twice the size. */
  #widen(of: number): void {
    const owners = this.#owners;
    const size = owners[of + capacity] as number;
    const old = owners[of] as number;
    const first = owners[of + head] as number;
    const block = this.#blockOf(size === 0 ? 1 : 2 * size);
    const numbers = this.#numbers;
    for (let index = 0; index < size; index += 1)
      numbers[block + index] = numbers[old + ((first + index) & (size - 1))] as number;
    this.#release(old, size);
    owners[of] = block;
    owners[of + capacity] = size === 0 ? 1 : 2 * size;
    owners[of + head] = 0;
  }

  #blockOf(size: number): number {
    const known = this.#free[31 - Math.clz32(size)]?.pop();
    if (known !== undefined) return known;
    const block = this.#used;
    this.#used += size;
    if (this.#used > this.#numbers.length) {
      const larger = new Float64Array(2 ** Math.ceil(Math.log2(this.#used)));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    return block;
  }

  #release(block: number, size: number): void {
    if (size > 0) (this.#free[31 - Math.clz32(size)] ??= []).push(block);
  }

  #addOwners(of: number): void {
    const larger = new Uint32Array(2 ** Math.ceil(Math.log2(of + fields)));
    larger.set(this.#owners);
    this.#owners = larger;
  }
}
