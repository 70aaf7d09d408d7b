// Hot path. Some numbers, of which those of a few ranks are wanted: put in order no further than it takes.

export class Ranks {
  #numbers: Float64Array = new Float64Array(0);
  #start = 0;
  #size = 0;

  /** Their order in `numbers` will change. */
  take(numbers: Float64Array, start: number, size: number): void {
    this.#numbers = numbers;
    this.#start = start;
    this.#size = size;
  }

  /** The number of that rank, counted from 1. */
  readonly at = (rank: number): number => {
    const numbers = this.#numbers;
    const wanted = this.#start + rank - 1;
    let low = this.#start;
    let high = low + this.#size - 1;
    // Hoare's selection: what is below `low` is no larger than what is wanted, what is above `high` no smaller.
    while (low < high) {
      const middle = numbers[(low + high) >> 1] as number;
      let left = low;
      let right = high;
      while (left <= right) {
        while ((numbers[left] as number) < middle) left += 1;
        while ((numbers[right] as number) > middle) right -= 1;
        if (left > right) break;
        const number = numbers[left] as number;
        numbers[left] = numbers[right] as number;
        numbers[right] = number;
        left += 1;
        right -= 1;
      }
      if (wanted <= right) high = right;
      else if (wanted >= left) low = left;
      else break;
    }
    return numbers[wanted] as number;
  };
}
