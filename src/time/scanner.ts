// Hot path. A text and a place in it: what all readers of time stamps are made of. What is not there is NaN, which
// goes through all arithmetic, so that only the result has to be looked at. No regular expressions: they cost several times as much.

const zero = 0x30;
const colon = 0x3a;
const plus = 0x2b;
const minus = 0x2d;

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthNumbers = new Map(months.map((name, index) => [name, index + 1]));

export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Steps over the character `code` where it is next. */
  accept(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at += 1;
    return true;
  }

  /** Steps over spaces and tabs, as many as there are. */
  skipSpace(): void {
    while (this.text.charCodeAt(this.at) === 0x20 || this.text.charCodeAt(this.at) === 0x09) this.at += 1;
  }

  /** A number of just so many digits. */
  digits(count: number): number {
    let value = 0;
    for (const end = this.at + count; this.at < end; this.at += 1) value = value * 10 + this.#digit(this.at);
    return value;
  }

  /** A number of one to so many digits. */
  upTo(count: number): number {
    const start = this.at;
    let value = 0;
    for (const end = start + count; this.at < end; this.at += 1) {
      const digit = this.#digit(this.at);
      if (Number.isNaN(digit)) break;
      value = value * 10 + digit;
    }
    return this.at === start ? Number.NaN : value;
  }

  /** Digits of a fraction of a second, as whole milliseconds: what is finer is cut off. */
  fraction(): number {
    const start = this.at;
    let value = 0;
    for (; !Number.isNaN(this.#digit(this.at)); this.at += 1)
      if (this.at < start + 3) value = value * 10 + this.#digit(this.at);
    const count = this.at - start;
    if (count === 0) return Number.NaN;
    return count === 1 ? value * 100 : count === 2 ? value * 10 : value;
  }

  /** The first three letters of a month's name, as its number. */
  month(): number {
    const name = this.text.slice(this.at, this.at + 3).toLowerCase();
    this.at += 3;
    return monthNumbers.get(name) ?? Number.NaN;
  }

  /** `Z`, `+02:00`, `+0200` or `+02`, in milliseconds. */
  offset(): number {
    const sign = this.text.charCodeAt(this.at);
    this.at += 1;
    if (sign === 0x5a || sign === 0x7a) return 0;
    if (sign !== plus && sign !== minus) return Number.NaN;
    const hours = this.digits(2);
    const hasMinutes = this.accept(colon) || !Number.isNaN(this.#digit(this.at));
    const minutes = hasMinutes ? this.digits(2) : 0;
    if (!(hours < 24 && minutes < 60)) return Number.NaN;
    return (sign === minus ? -60_000 : 60_000) * (hours * 60 + minutes);
  }

  #digit(at: number): number {
    const digit = this.text.charCodeAt(at) - zero;
    return digit >= 0 && digit <= 9 ? digit : Number.NaN;
  }
}
