// How far event time has come. Spark's rule: the highest time seen so far, minus the lateness; it moves when a batch is
// over, holds for all of the next one, and never goes back.
import type { Json } from '../envelope/json.ts';

export class Watermark {
  readonly #lateness: number;
  readonly #idleTimeout: number | undefined;
  #highest = Number.NEGATIVE_INFINITY;
  /** When a record came last, on the clock; before the first one, when the first batch was over. */
  #cameAt: number | undefined;
  #value: number | undefined;
  /** Whether, when the last batch was over, none had come for the idle timeout. */
  isIdle = false;

  /** Milliseconds. */
  constructor(lateness: number, idleTimeout: number | undefined) {
    this.#lateness = lateness;
    this.#idleTimeout = idleTimeout;
  }

  /** What the batches that are over have made of it; undefined until there was a record in one. */
  get value(): number | undefined {
    return this.#value;
  }

  snapshot(): Json {
    const highest = Number.isFinite(this.#highest) ? this.#highest : null;
    return { highest, cameAt: this.#cameAt ?? null, value: this.#value ?? null, isIdle: this.isIdle };
  }

  restore(snapshot: Json): void {
    const { highest, cameAt, value, isIdle } = snapshot as Record<string, number | null> & {
      isIdle: boolean;
    };
    this.#highest = highest ?? Number.NEGATIVE_INFINITY;
    this.#cameAt = cameAt ?? undefined;
    this.#value = value ?? undefined;
    this.isIdle = isIdle;
  }

  see(time: number): void {
    if (time > this.#highest) this.#highest = time;
  }

  /** A record came. */
  comeAt(now: number): void {
    this.#cameAt = now;
  }

  /** A batch is over. Where none of its records nor any before came for the idle timeout, event time goes on with the clock. */
  advance(now: number, isEmpty: boolean): void {
    this.#cameAt ??= now;
    const idle = isEmpty ? now - this.#cameAt : 0;
    this.isIdle = this.#idleTimeout !== undefined && idle >= this.#idleTimeout;
    if (this.#highest === Number.NEGATIVE_INFINITY) return;
    const reached = this.#highest - this.#lateness + (this.isIdle ? idle : 0);
    if (this.#value === undefined || reached > this.#value) this.#value = reached;
  }
}
