// Envelopes as tests write them and look at them.
import * as fc from 'fast-check';
import { endEnvelope, type Envelope, type Header } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { decodeRecords, encodeRecords } from '../../src/envelope/records.ts';
import { SluiceError } from '../../src/errors.ts';
import type { Core, Step } from '../../src/stage/core.ts';

export function envelope(records: readonly Json[], header: Omit<Header, 'n'> = {}): Envelope {
  return { header: { v: 1, ...header, n: records.length }, payload: encodeRecords(records) };
}

/** A whole batch in one part. */
export function batch(number: number, records: readonly Json[], header: Omit<Header, 'n'> = {}): Envelope {
  return envelope(records, { batch: number, part: 0, last: true, ...header });
}

/** All that a core makes of `inputs`, its end included. */
export function runAll<Input>(
  core: Core<Input>,
  inputs: Iterable<Input>,
  now = 0,
  ending = endEnvelope('ok'),
): Envelope[] {
  const outputs: Envelope[] = [];
  for (const input of inputs) outputs.push(...ready(core.accept(input, now)));
  outputs.push(...ready(core.end(ending, now)));
  return outputs;
}

/** What comes out of a core that waits for nobody. */
export function ready(steps: Iterable<Step>): Envelope[] {
  return Array.from(steps, (step) => {
    if (step instanceof Promise) throw new Error('it waits');
    return step;
  });
}

/** As `runAll`, of a core that waits for workers. */
export async function runAllAwaiting<Input>(core: Core<Input>, inputs: Iterable<Input>): Promise<Envelope[]> {
  const outputs: Envelope[] = [];
  const drain = async (steps: Iterable<Step>): Promise<void> => {
    for (const step of steps) {
      if (step instanceof Promise) await step;
      else outputs.push(step);
    }
  };
  for (const input of inputs) await drain(core.accept(input, 0));
  await drain(core.end(endEnvelope('ok'), 0));
  return outputs;
}

/** The records of all envelopes, in order. */
export function recordsOf(envelopes: Iterable<Envelope>): Json[] {
  return Array.from(envelopes, decodeRecords).flat();
}

/** The SluiceError that `action` throws, as `exit: message`. */
export function failureOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SluiceError) return `${error.exit}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

/** Cuts `bytes` at random places; empty chunks occur. */
function chunkings(bytes: Buffer): fc.Arbitrary<Buffer[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 12 }).map((cuts) => {
    const places = [0, ...cuts.sort((one, other) => one - other), bytes.length];
    return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
  });
}

/** `arbitrary` bytes with a chunking of them. */
export function chunked(arbitrary: fc.Arbitrary<Buffer>): fc.Arbitrary<{ bytes: Buffer; chunks: Buffer[] }> {
  return arbitrary.chain((bytes) => chunkings(bytes).map((chunks) => ({ bytes, chunks })));
}

/** Any character there is; fast-check's own `binary` takes long to set up in each file. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0xff), fc.nat(0xffff), fc.nat(0x10ffff))
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
