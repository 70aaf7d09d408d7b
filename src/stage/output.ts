// The sole writer to stdout of a stage between two pipes. Waits while the reader is slow, and says when the
// reader has gone, which is the quiet end of a pipeline such as `… | head -1`.
import type { Writable } from 'node:stream';
import { encodeEnvelope } from '../envelope/encode.ts';
import { escapeControls } from '../emit/terminal/controls.ts';
import { endEnvelope, isEnd, type Envelope } from '../envelope/envelope.ts';
import { cannotWrite, systemCode } from '../errors.ts';

/** Thrown by writes once nobody reads any more. No error for the user. */
export class ReaderGone extends Error {}

export interface Output {
  /** Resolves when the next envelope may come. Throws ReaderGone, or SluiceError('inputOutput'). */
  write(envelope: Envelope): Promise<void> | void;
  /** The stream broke off, and its end will not come. */
  abandon?(): Promise<void>;
}

/** Bytes out, with back-pressure and errors as of `Output`; also what emit writes its text through. */
export class ByteOutput {
  readonly #stream: Writable;
  readonly #name: string;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** `name` is for messages. */
  constructor(stream: Writable, name = 'standard output') {
    this.#stream = stream;
    this.#name = name;
    stream.on('drain', () => this.#wake?.());
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#fail(new ReaderGone()));
  }

  write(pieces: readonly (Buffer | string)[]): Promise<void> | void {
    if (this.#failure) throw this.#failure;
    this.#stream.cork();
    let ready = true;
    for (const piece of pieces) ready = this.#stream.write(piece);
    // Uncorked in the same turn: the pieces leave in one gathered write.
    this.#stream.uncork();
    if (!ready) return this.#drained();
  }

  /** Resolves once everything written has left the process. */
  async flush(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // Where it failed, why comes as an event.
      this.#stream.write('', (error) => error ?? resolve());
    });
    if (this.#failure) throw this.#failure;
  }

  async #drained(): Promise<void> {
    if (this.#stream.writableNeedDrain) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure;
  }

  #fail(error: Error): void {
    this.#failure ??= asFailure(error, this.#name);
    this.#wake?.();
  }
}

function asFailure(error: Error, name: string): Error {
  if (error instanceof ReaderGone || systemCode(error) === 'EPIPE') return new ReaderGone();
  return cannotWrite(name, error);
}

export class EnvelopeOutput implements Output {
  readonly #bytes: ByteOutput;
  #hasEnded = false;

  constructor(bytes: ByteOutput) {
    this.#bytes = bytes;
  }

  write(envelope: Envelope): Promise<void> | void {
    const pieces = encodeEnvelope(envelope);
    const written = this.#bytes.write(
      // For people who look at a stage: records on a terminal must not be obeyed by it.
      process.stdout.isTTY ? [escapeControls(Buffer.concat(pieces).toString('utf8'))] : pieces,
    );
    if (!isEnd(envelope)) return written;
    this.#hasEnded = true;
    // Without this a stage that wrote little would have ended well before the kernel says that the disk is full.
    return this.#bytes.flush();
  }

  /** Resolves once everything written has left the process. Throws as `write` does. */
  flush(): Promise<void> {
    return this.#bytes.flush();
  }

  /** Tells downstream that this stage gives up, unless the stream is over already. */
  async fail(reason: string): Promise<void> {
    if (this.#hasEnded) return;
    try {
      await this.write(endEnvelope('failed', reason));
    } catch {
      // Nobody is left to tell, or the output is what failed; the error is reported on stderr in any case.
    }
  }
}

let standard: EnvelopeOutput | undefined;

/** Standard output for envelopes; one for the process, so that a stream is ended once. */
export function standardEnvelopes(): EnvelopeOutput {
  return (standard ??= new EnvelopeOutput(new ByteOutput(process.stdout)));
}
