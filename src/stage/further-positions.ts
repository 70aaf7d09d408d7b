// How far the further streams of a stage have been taken in. A job that goes on reads them from their start again and passes
// over the batches that it had: so they have to be files.
import { isEnd, type Envelope, type Job } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { EnvelopeStream } from './further-streams.ts';

export class FurtherPositions {
  /** Whole batches of each stream, by its number. */
  #read: number[] = [];
  #settle: () => void = () => undefined;
  readonly #settled = new Promise<void>((resolve) => (this.#settle = resolve));
  readonly #pipes: string[] = [];

  /** A part was taken in: counts the batches that are whole. */
  count(input: number, isLast: boolean | undefined): void {
    if (isLast) this.#read[input] = (this.#read[input] ?? 0) + 1;
  }

  /** The stream is of this job. Throws SluiceError('usage') where a stream cannot be read again. */
  begin({ after }: Job): void {
    const [pipe] = this.#pipes;
    if (pipe !== undefined) {
      throw new SluiceError(
        'usage',
        `${pipe} is a named pipe, which a job that keeps state cannot read again after a crash`,
        'write the stream to a file, and name that',
      );
    }
    if (after === undefined) this.#settle();
  }

  snapshot(): Json {
    return this.#read.map((count) => count ?? 0);
  }

  restore(snapshot: Json): void {
    this.#read = [...(snapshot as number[])];
    this.#settle();
  }

  /** What is upstream, which says whether there is a job. */
  watch(upstream: AsyncIterator<Envelope, Envelope>): AsyncIterator<Envelope, Envelope> {
    let isFirst = true;
    return {
      ...(upstream.return && { return: () => upstream.return?.() as never }),
      next: async () => {
        const result = await upstream.next();
        if (isFirst && !result.value.header.job) this.#settle();
        isFirst = false;
        return result;
      },
    };
  }

  /** `stream` without the batches that were had before. */
  passOver(stream: EnvelopeStream, input: number): EnvelopeStream {
    if (stream.isPipe) this.#pipes.push(stream.name);
    let left: number | undefined;
    const next = async (): Promise<IteratorResult<Envelope, Envelope>> => {
      if (left === undefined) await this.#settled;
      left ??= this.#read[input] ?? 0;
      for (;;) {
        const result = await stream.envelopes.next();
        if (left === 0 || result.done || isEnd(result.value)) return result;
        if (result.value.header.last) left -= 1;
      }
    };
    return { ...stream, envelopes: { next } };
  }

  /** There is no upstream, and so no job. */
  beginWithout(): void {
    this.#settle();
  }
}
