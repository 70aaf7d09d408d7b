import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { monotonicTime } from '../../src/clock.ts';
import { SluiceError } from '../../src/errors.ts';
import { persist } from '../../src/kafka/persist.ts';

const where = 'kafka://host/orders';
const passing = createErrorFromCode(6);
const lasting = createErrorFromCode(29);

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] }));
afterEach(() => vi.useRealTimers());
// `node:timers/promises` is none of the timers that can be faked.
vi.mock('node:timers/promises', () => ({
  setTimeout: (pause: number, _value: undefined, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, pause);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      });
    }),
}));

/** Work that throws these, one a try, then succeeds; and when it was tried. */
function work(...failures: readonly Error[]): { tries: number[]; run: () => Promise<string> } {
  const began = monotonicTime();
  const tries: number[] = [];
  return {
    tries,
    run: async () => {
      tries.push(monotonicTime() - began);
      const failure = failures[tries.length - 1];
      if (failure) throw failure;
      return 'done';
    },
  };
}

const forever = Array.from({ length: 1000 }, () => passing);

describe('persisting', () => {
  test('what succeeds is done once', async () => {
    const { tries, run } = work();
    expect(await persist({ where, patience: () => 0 }, run)).toBe('done');
    expect(tries).toEqual([0]);
  });

  test('what passes is tried again, at first soon and then every two seconds', async () => {
    const { tries, run } = work(...forever.slice(0, 7));
    const result = persist({ where, patience: () => 60_000 }, run);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await result).toBe('done');
    expect(tries).toEqual([0, 100, 300, 700, 1500, 3100, 5100, 7100]);
  });

  test('gives up when patience is over, with what was last', async () => {
    const { tries, run } = work(...forever);
    const result = persist({ where, patience: () => 1000 }, run).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await result).toMatchObject({ exit: 'unavailable', cause: passing });
    expect(tries).toEqual([0, 100, 300, 700]);
  });

  test('without patience it is tried once', async () => {
    const { tries, run } = work(...forever);
    await expect(persist({ where, patience: () => 0 }, run)).rejects.toThrow(SluiceError);
    expect(tries).toEqual([0]);
  });

  test('patience may grow on the way', async () => {
    let patience = 350;
    const { tries, run } = work(...forever.slice(0, 4));
    const result = persist({ where, patience: () => patience }, run);
    await vi.advanceTimersByTimeAsync(150);
    patience = 10_000;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await result).toBe('done');
    expect(tries).toHaveLength(5);
  });

  test('what cannot pass ends it at once', async () => {
    const { tries, run } = work(passing, lasting);
    const result = persist({ where, patience: () => 60_000 }, run).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(100);
    expect(await result).toMatchObject({ exit: 'noPermission', cause: lasting });
    expect(tries).toEqual([0, 100]);
  });

  test('a bug ends it at once, as it is', async () => {
    const bug = new TypeError('a bug');
    const { tries, run } = work(bug);
    await expect(persist({ where, patience: () => 60_000 }, run)).rejects.toBe(bug);
    expect(tries).toEqual([0]);
  });

  test('a signal wakes it, and it does not try again', async () => {
    const stop = new AbortController();
    const { tries, run } = work(...forever);
    const result = persist({ where, patience: () => 60_000, stop: stop.signal }, run).catch(
      (error: unknown) => error,
    );
    await vi.advanceTimersByTimeAsync(2000);
    stop.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(await result).toMatchObject({ exit: 'unavailable', cause: passing });
    expect(tries).toEqual([0, 100, 300, 700, 1500]);
  });

  test('with a signal from before it is tried once', async () => {
    const { tries, run } = work(...forever);
    await expect(persist({ where, patience: () => 60_000, stop: AbortSignal.abort() }, run)).rejects.toThrow(
      SluiceError,
    );
    expect(tries).toEqual([0]);
  });

  test('what was asked for ahead of a signal and succeeds is there', async () => {
    const { run } = work();
    expect(await persist({ where, patience: () => 0, stop: AbortSignal.abort() }, run)).toBe('done');
  });
});
