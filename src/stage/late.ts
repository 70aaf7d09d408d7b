// Records that came too late to have a say: left out, counted, and told of at the end.
import type { Closing } from './stage.ts';

export class LateRecords {
  readonly #remedy: string;
  #sinceReport = 0;
  #total = 0;

  /** The option that lets more of them in. */
  constructor(remedy: string) {
    this.#remedy = remedy;
  }

  add(): void {
    this.#sinceReport += 1;
    this.#total += 1;
  }

  /** Those since the last call, for the stage's report. */
  takeCount(): number {
    const count = this.#sinceReport;
    this.#sinceReport = 0;
    return count;
  }

  warnings(): Closing['warnings'] {
    if (this.#total === 0) return [];
    const message = `${this.#total} ${this.#total === 1 ? 'record was' : 'records were'} late and left out`;
    return [{ message, hint: `a longer ${this.#remedy} waits for them` }];
  }
}
