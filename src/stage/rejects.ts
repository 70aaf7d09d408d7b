// What happens to a record that a stage cannot use: the stage stops, or the record is counted and left out, or it
// goes to a dead-letter file. Never silently: a summary follows at the end.
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import { appendDeadLetters } from './dead-letters.ts';
import type { Closing } from './stage.ts';
import type { OptionTable, Settings } from '../command/command.ts';

export const rejectOptions = {
  'on-error': {
    kind: 'text',
    placeholder: 'fail|skip|FILE',
    default: 'fail',
    describe:
      'a record that cannot be used stops the stage (fail), is counted and left out (skip), or goes to FILE as NDJSON with place and reason',
  },
  'max-errors': {
    kind: 'limit',
    describe: 'exit with 1 at the end if more records than this were rejected',
  },
} as const satisfies OptionTable;

export interface Rejects {
  /** Whether the first record that is rejected stops the stage. */
  readonly stops?: boolean;
  /** Throws SluiceError('badData') where the policy is to fail. */
  reject(record: Json, place: string, reason: string): void;
  /** Rejected records since the last call, for the stage's report. */
  takeCount(): number;
}

/** For tests and for stages whose records cannot be wrong. */
export const failOnReject: Rejects = {
  stops: true,
  reject(_record, place, reason) {
    throw new SluiceError(
      'badData',
      `${place}: ${reason}`,
      'leave such records out with --on-error skip, or keep them with --on-error FILE',
    );
  },
  takeCount: () => 0,
};

export class RejectPolicy implements Rejects {
  readonly #policy: string;
  readonly #maxErrors: number | undefined;
  readonly #stage: string;
  #sinceReport = 0;
  #total = 0;
  #first = '';

  constructor(stage: string, settings: Settings<typeof rejectOptions>) {
    this.#stage = stage;
    this.#policy = settings.onError;
    this.#maxErrors = settings.maxErrors;
  }

  get stops(): boolean {
    return this.#policy === 'fail';
  }

  reject(record: Json, place: string, reason: string): void {
    if (this.stops) failOnReject.reject(record, place, reason);
    this.#sinceReport += 1;
    this.#total += 1;
    this.#first ||= `${place}: ${reason}`;
    if (this.#policy !== 'skip') appendDeadLetters(this.#policy, this.#stage, [{ record, place, reason }]);
  }

  /** Of lines that are left out without more ado, what was found elsewhere; else undefined: each has to be told by itself. */
  get skipped(): ((count: number, first: { place: string; reason: string }) => void) | undefined {
    if (this.#policy !== 'skip') return undefined;
    return (count, { place, reason }) => {
      this.#total += count;
      this.#first ||= `${place}: ${reason}`;
    };
  }

  takeCount(): number {
    const count = this.#sinceReport;
    this.#sinceReport = 0;
    return count;
  }

  /** `warnings` of the stage come first. */
  closing(warnings: Closing['warnings'] = []): Closing {
    const isAboveLimit = this.#maxErrors !== undefined && this.#total > this.#maxErrors;
    if (this.#total === 0) return { warnings, isAboveLimit };
    const message = `${this.#total} ${this.#total === 1 ? 'record' : 'records'} rejected; the first: ${this.#first}`;
    return { warnings: [...warnings, { message }], isAboveLimit };
  }
}
