// One of several streams that are read together: what of it is next, looked at before it is taken.
import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { EnvelopeStream } from './further-streams.ts';
import { upstreamDied } from './input.ts';

type Arrived = { readonly envelope: Envelope } | { readonly failure: unknown };

/** A stream, and how far it is looked at. */
export class StreamHead {
  readonly isUpstream: boolean;
  readonly #stream: EnvelopeStream;
  #arrived: Arrived | undefined;
  #isAsked = false;
  #onArrival: (() => void) | undefined;
  /** The first part of the batch that comes next. */
  batch: Envelope | undefined;
  ending: Envelope | undefined;

  constructor(stream: EnvelopeStream, isUpstream: boolean) {
    this.#stream = stream;
    this.isUpstream = isUpstream;
  }

  get name(): string {
    return this.#stream.name;
  }

  get hasArrived(): boolean {
    return this.#arrived !== undefined;
  }

  /** Asks the stream for one envelope, unless that is asked for already. */
  ask(onArrival: () => void): void {
    // Kept here and not with the pending read: a stream that is idle for long would gather them.
    this.#onArrival = onArrival;
    if (this.#isAsked) return;
    this.#isAsked = true;
    const arrive = (arrived: Arrived): void => {
      this.#arrived = arrived;
      this.#onArrival?.();
    };
    this.#stream.envelopes.next().then(
      ({ value: envelope }) => arrive({ envelope }),
      (failure: unknown) => arrive({ failure }),
    );
  }

  /** What has arrived. Throws where the stream failed. */
  take(): Envelope {
    const arrived = this.#arrived;
    if (!arrived) throw new TypeError('nothing has arrived yet');
    this.#arrived = undefined;
    this.#isAsked = false;
    if ('failure' in arrived) throw arrived.failure;
    if (this.isUpstream) return arrived.envelope;
    // Reports are added up by a stage's place in one pipeline; those of another would be added to the wrong ones. The state of
    // another job is none of ours.
    const {
      stages: _,
      job: _job,
      offsets: _offsets,
      checkpoint: _checkpoint,
      ...header
    } = arrived.envelope.header;
    if (header.end === 'failed') throw streamFailed(this.name, header.reason);
    return { header, payload: arrived.envelope.payload };
  }
}

/** The first in order of those that have something. */
export async function firstToArrive(heads: readonly StreamHead[]): Promise<StreamHead> {
  for (;;) {
    const found = heads.find(({ hasArrived }) => hasArrived);
    if (found) return found;
    await new Promise<void>((resolve) => {
      for (const head of heads) head.ask(resolve);
    });
  }
}

function streamFailed(name: string, reason: string | undefined): SluiceError {
  if (reason === upstreamDied) {
    const message = `${name} stopped without an end envelope: whoever wrote it died`;
    return new SluiceError('inputOutput', message, 'what came before is handed on');
  }
  return new SluiceError('inputOutput', `${name} failed: ${reason ?? 'no reason given'}`);
}
