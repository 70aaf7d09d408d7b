// What the twin keeps per group.

export class TwinValue {
  readonly #hasExtremes: boolean;
  count = 0;
  sum = 0;
  /** What the sum lost to rounding (Neumaier). */
  lost = 0;
  least = Infinity;
  greatest = -Infinity;

  constructor(hasExtremes: boolean) {
    this.#hasExtremes = hasExtremes;
  }

  add(number: number): void {
    this.count++;
    this.addSum(number);
    this.addLeast(number);
    this.addGreatest(number);
  }

  addSum(number: number): void {
    const next = this.sum + number;
    this.lost += Math.abs(this.sum) >= Math.abs(number) ? this.sum - next + number : number - next + this.sum;
    this.sum = next;
  }

  addLeast(number: number): void {
    if (this.#hasExtremes && number < this.least) this.least = number;
  }

  addGreatest(number: number): void {
    if (this.#hasExtremes && number > this.greatest) this.greatest = number;
  }

  merge(other: TwinValue): void {
    this.count += other.count;
    this.addSum(other.sum);
    this.lost += other.lost;
    this.addLeast(other.least);
    this.addGreatest(other.greatest);
  }

  subtract(other: TwinValue): void {
    this.count -= other.count;
    this.sum -= other.sum;
  }
}

export class TwinGroup {
  readonly key: string;
  readonly values: readonly TwinValue[];
  count = 0;
  /** Numbers worked out elsewhere, NaN for none. */
  results: readonly number[] = [];

  constructor(key: string, values: number, hasExtremes = true) {
    this.key = key;
    this.values = Array.from({ length: values }, () => new TwinValue(hasExtremes));
  }

  merge(other: TwinGroup): void {
    this.count += other.count;
    this.values.forEach((value, index) => {
      const from = other.values[index];
      if (from !== undefined) value.merge(from);
    });
  }

  subtract(other: TwinGroup): void {
    this.count -= other.count;
    this.values.forEach((value, index) => {
      const from = other.values[index];
      if (from !== undefined) value.subtract(from);
    });
  }
}
