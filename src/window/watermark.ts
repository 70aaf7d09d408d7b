// How far event time has come. Spark's rule: the highest time seen in the batches before, minus the lateness; it is
// settled when a batch begins, holds for all of it, and never goes back.
import type { Json } from '../envelope/json.ts';

export class Watermark {
  readonly #lateness: number;
  readonly #idleTimeout: number | undefined;
  #highest = Number.NEGATIVE_INFINITY;
  /** When a record came last, on the clock. */
  #cameAt = 0;
  #value: number | undefined;

  /** Milliseconds. */
  constructor(lateness: number, idleTimeout: number | undefined) {
    this.#lateness = lateness;
    this.#idleTimeout = idleTimeout;
  }

  /** What holds for the open batch; undefined until a batch with a record is over. */
  get value(): number | undefined {
    return this.#value;
  }

  snapshot(): Json {
    if (this.#highest === Number.NEGATIVE_INFINITY) return null;
    return { highest: this.#highest, cameAt: this.#cameAt, value: this.#value ?? null };
  }

  restore(snapshot: Json): void {
    if (snapshot === null) return;
    const { highest, cameAt, value } = snapshot as { highest: number; cameAt: number; value: number | null };
    this.#highest = highest;
    this.#cameAt = cameAt;
    this.#value = value ?? undefined;
  }

  see(time: number): void {
    if (time > this.#highest) this.#highest = time;
  }

  /** A record came. */
  comeAt(now: number): void {
    this.#cameAt = now;
  }

  /** A batch begins. Where none of its records nor any before came for the idle timeout, event time goes on with the clock. */
  begin(now: number, isEmpty: boolean): void {
    if (this.#highest === Number.NEGATIVE_INFINITY) return;
    const idle = isEmpty ? now - this.#cameAt : 0;
    const isIdle = this.#idleTimeout !== undefined && idle >= this.#idleTimeout;
    const reached = this.#highest - this.#lateness + (isIdle ? idle : 0);
    if (this.#value === undefined || reached > this.#value) this.#value = reached;
  }
}
