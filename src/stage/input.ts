// Bytes of a pipe → envelopes in order. What it returns is the end of the stream, in any case: where the writer died
// without one, a failed end is made up, so that a core has one way only in which a stream is over.
import { endEnvelope, isEnd, type Envelope } from '../envelope/envelope.ts';
import { decodeEnvelope } from '../envelope/decode.ts';
import { LineFramer } from '../envelope/frame.ts';
import { EnvelopeSequence } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';

/** A part is about 1 MiB; a hand-made line may be larger, but not without bound. */
const maxLineLength = 64 * 1024 * 1024;

export const upstreamDied = 'upstream died: its output stopped without an end envelope';

/** `onCutOff` is called where the writer died before it could say that the stream is over. */
export async function* readEnvelopes(
  chunks: AsyncIterable<Buffer>,
  onCutOff: () => void,
): AsyncGenerator<Envelope, Envelope, undefined> {
  let lineNumber = 0;
  const framer = new LineFramer(maxLineLength, () => {
    const hint =
      'split it into several envelopes, or, where one record is as long, use `sluice run`; text becomes envelopes with `sluice ingest`';
    throw new SluiceError('badData', `not an envelope, line ${lineNumber + 1}: longer than 64 MiB`, hint);
  });
  const sequence = new EnvelopeSequence();
  let ending: Envelope | undefined;

  function* open(line: Buffer): Generator<Envelope> {
    lineNumber += 1;
    if (isBlank(line)) return;
    const envelope = sequence.place(decodeEnvelope(line, lineNumber), lineNumber);
    // The end is held back until the pipe is empty: whatever follows it must be refused, not overlooked.
    if (isEnd(envelope)) ending = envelope;
    else yield envelope;
  }

  for await (const chunk of chunks) {
    for (const line of framer.push(chunk)) yield* open(line);
  }
  const rest = framer.rest();
  if (rest && (!sequence.isOurs || ending)) yield* open(rest);
  if (ending) return ending;
  // Nothing at all is no stream that somebody made: who was to write one died before the first line.
  if (!sequence.isOurs && lineNumber > 0) return endEnvelope('ok');
  onCutOff();
  return endEnvelope('failed', upstreamDied);
}

function isBlank(line: Buffer): boolean {
  return line.length < 64 && /^\s*$/.test(line.toString('latin1'));
}
