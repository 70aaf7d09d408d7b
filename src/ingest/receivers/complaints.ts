// What clients do wrong is told once for each kind, so that nobody can fill a log from outside; the others are counted, for the end.
import type { Closing } from '../../stage/stage.ts';

/** What a client did wrong; it is let go. */
export class Refused extends Error {
  /** In which words the others of its kind are counted: `sent a line that is too long`. */
  readonly kind: string;

  constructor(kind: string, detail = '') {
    super(`${kind}${detail === '' ? '' : `: ${detail}`}`);
    this.kind = kind;
  }
}

export class Complaints {
  readonly #source: string;
  readonly #warn: (message: string) => void;
  readonly #counts = new Map<string, number>();

  constructor(source: string, warn: (message: string) => void) {
    this.#source = source;
    this.#warn = warn;
  }

  add(who: string, { kind, message }: Refused): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count === 1) this.#warn(`${this.#source}: ${who} ${message}`);
  }

  closing(): Closing['warnings'] {
    return Array.from(this.#counts).flatMap(([kind, count]) =>
      count === 1 ? [] : { message: `${this.#source}: ${count} clients in all: ${kind}` },
    );
  }
}
