// Records that an event-time window leaves out because of when they come: too late for each of their windows, or with
// a time that is ahead of the clock. Counted, and kept in a file where one is given.
import { appendDeadLetters, type DeadLetter } from '../stage/dead-letters.ts';
import type { Closing } from '../stage/stage.ts';

type Kind = 'late' | 'ahead';

export class LateRecords {
  readonly #file: string | undefined;
  readonly #stage: string;
  readonly #hints: Record<Kind, string>;
  #letters: DeadLetter[] = [];
  #sinceReport: Record<string, number> = {};
  readonly #kinds: { readonly kind: Kind; count: number; readonly first: string }[] = [];

  /** `remedy` is the option that waits for them. */
  constructor(file: string | undefined, stage = 'window', remedy = '--lateness') {
    this.#file = file;
    this.#stage = stage;
    this.#hints = {
      late: `a larger ${remedy} waits for such records; --late FILE keeps those that are left out`,
      ahead: 'they were more ahead of the clock than --max-skew allows; --late FILE keeps them',
    };
  }

  /** `tell` is called for the first one, for the summary, and for each that is kept. */
  add(kind: Kind, tell: () => DeadLetter): void {
    this.#sinceReport[kind] = (this.#sinceReport[kind] ?? 0) + 1;
    const known = this.#kinds.find((other) => other.kind === kind);
    if (known) known.count += 1;
    if (known && this.#file === undefined) return;
    const letter = tell();
    if (!known) this.#kinds.push({ kind, count: 1, first: `${letter.place}: ${letter.reason}` });
    if (this.#file !== undefined) this.#letters.push(letter);
  }

  /** Writes what was kept since the last call. Throws SluiceError('cannotCreate'). */
  flush(): void {
    if (this.#file !== undefined) appendDeadLetters(this.#file, this.#stage, this.#letters);
    this.#letters = [];
  }

  takeCounts(): Record<string, number> {
    const counts = this.#sinceReport;
    this.#sinceReport = {};
    return counts;
  }

  warnings(): Closing['warnings'] {
    return this.#kinds.map(({ kind, count, first }) => {
      const message = `${count} ${count === 1 ? 'record' : 'records'} left out as ${kind}; the first: ${first}`;
      return { message, ...(this.#file === undefined && { hint: this.#hints[kind] }) };
    });
  }
}
