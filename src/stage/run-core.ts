// A stage's life on one page: input → core → output, one at a time, with ticks while the input is idle.
import { endEnvelope, type Envelope } from '../envelope/envelope.ts';
import { reasonOf } from '../errors.ts';
import { isDue, type Core, type Step } from './core.ts';
import type { Output } from './output.ts';

/** Epoch milliseconds. An argument everywhere, so that time can be told in tests. */
export type Clock = () => number;

/**
 * Runs until the input is over; what it returns is the end of the stream. Resolves to the end that the core put out.
 * Where the input fails, the core ends with what it has, and the failure is thrown.
 */
export async function runCore<Input>(
  input: AsyncIterator<Input, Envelope>,
  core: Core<Input>,
  output: Output,
  clock: Clock,
): Promise<Envelope> {
  const failures: unknown[] = [];
  const envelopes = throughCore(input, core, clock, (failure) => failures.push(failure));
  for (;;) {
    const { value, done } = await envelopes.next();
    const written = output.write(value);
    if (written) await written;
    if (failures.length > 0 && done) throw failures[0];
    if (done) return value;
  }
}

/** What the core makes of its input, for whoever reads it next. Where the input fails it ends with what it has, as failed. */
export async function* throughCore<Input>(
  input: AsyncIterator<Input, Envelope>,
  core: Core<Input>,
  clock: Clock,
  onFailure: (failure: unknown) => void,
): AsyncGenerator<Envelope, Envelope> {
  for (;;) {
    const pending = input.next();
    while (!(await arrives(pending, core.deadline?.(), clock))) yield* awaited(core.tick?.(clock()) ?? []);
    const result = await settled(pending);
    const now = clock();
    if (isDue(core.deadline?.(), now)) yield* awaited(core.tick?.(now) ?? []);
    // What came before a failure is complete as far as it goes.
    if ('failure' in result) onFailure(result.failure);
    else if (!result.done) {
      yield* awaited(core.accept(result.value, now));
      continue;
    }
    const ending = 'failure' in result ? endEnvelope('failed', reasonOf(result.failure)) : result.value;
    // Branches have an end each; the last of all is returned.
    let last = ending;
    let isFirst = true;
    for await (const envelope of awaited(core.end(ending, now))) {
      if (!isFirst) yield last;
      last = envelope;
      isFirst = false;
    }
    return last;
  }
}

/** Waits where a core says so. */
async function* awaited(steps: Iterable<Step>): AsyncGenerator<Envelope> {
  for (const step of steps) {
    if (step instanceof Promise) await step;
    else yield step;
  }
}

async function settled<Result>(pending: Promise<Result>): Promise<Result | { failure: unknown }> {
  try {
    return await pending;
  } catch (failure) {
    return { failure };
  }
}

/** True when `pending` settled, false when `deadline` came first. */
async function arrives(
  pending: Promise<unknown>,
  deadline: number | undefined,
  clock: Clock,
): Promise<boolean> {
  if (deadline === undefined) return true;
  let timer: NodeJS.Timeout | undefined;
  // setTimeout cannot wait longer than 2^31 ms; waking up early is harmless, a tick before time does nothing.
  const wait = Math.min(Math.max(deadline - clock(), 0), 2 ** 31 - 1);
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, wait, false)));
  try {
    return await Promise.race([pending.then(isSettled, isSettled), late]);
  } finally {
    clearTimeout(timer);
  }
}

const isSettled = (): boolean => true;
