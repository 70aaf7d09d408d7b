// What stands between a pipeline in one process and its sinks, as a pipe does between processes: while a sink is busy the
// stages go on, so that what comes meanwhile is in the batch of the time at which it came. Bounded, as a pipe is.
import { isEnd, type Envelope } from '../envelope/envelope.ts';
import type { Output } from './output.ts';

/** Bytes that wait, at most, beside one envelope: as many as a pipe of Linux has room for. */
const capacity = 64 * 1024;
/** About what a header is, with its reports. */
const headerBytes = 512;

export class QueuedOutput implements Output {
  readonly #output: Output;
  #waiting: (Envelope | (() => void))[] = [];
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #isDraining = false;
  #drained: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Of an end resolves once everything is written; what failed meanwhile fails the next write. */
  write(envelope: Envelope): Promise<void> | void {
    this.#throwFailure();
    this.#waiting.push(envelope);
    this.#bytes += sizeOf(envelope);
    this.#start();
    if (isEnd(envelope) || this.#bytes > capacity) return this.#room(isEnd(envelope) ? 0 : capacity);
  }

  /** `work` is done once all that came before is written, or cannot be. */
  behind(work: () => void): void {
    this.#waiting.push(work);
    this.#start();
  }

  /** What waits is from before whatever failed. */
  async abandon(): Promise<void> {
    await this.#drained;
    await this.#output.abandon?.();
  }

  async #room(most: number): Promise<void> {
    while (this.#bytes > most && !this.#failure) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#throwFailure();
  }

  #start(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#drained = this.#drain();
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (typeof next === 'function') next();
      else if (!this.#failure) await this.#write(next);
    }
    this.#isDraining = false;
  }

  async #write(envelope: Envelope): Promise<void> {
    try {
      await this.#output.write(envelope);
    } catch (error) {
      this.#failure = { error };
    }
    this.#bytes -= sizeOf(envelope);
    this.#wake?.();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

const sizeOf = ({ payload }: Envelope): number => payload.length + headerBytes;
