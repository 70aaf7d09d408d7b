// A stage's life on one page: input → core → output, one at a time, with ticks while the input is idle.
import { endEnvelope, isEnd, type Envelope } from '../envelope/envelope.ts';
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
  let ending: Envelope | undefined;

  async function drain(steps: Iterable<Step>): Promise<void> {
    for (const step of steps) {
      if (step instanceof Promise) {
        await step;
        continue;
      }
      if (isEnd(step)) ending = step;
      const written = output.write(step);
      if (written) await written;
    }
  }

  while (!ending) {
    const pending = input.next();
    while (!(await arrives(pending, core.deadline?.(), clock))) await drain(core.tick?.(clock()) ?? []);
    const result = await settled(pending);
    const now = clock();
    if (isDue(core.deadline?.(), now)) await drain(core.tick?.(now) ?? []);
    if ('failure' in result) {
      // What came before is complete as far as it goes.
      await drain(core.end(endEnvelope('failed', reasonOf(result.failure)), now));
      throw result.failure;
    }
    await drain(result.done ? core.end(result.value, now) : core.accept(result.value, now));
  }
  return ending;
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
