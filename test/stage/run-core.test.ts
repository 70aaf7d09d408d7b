import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BatchCore } from '../../src/batch/batch.ts';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { runCore } from '../../src/stage/run-core.ts';
import { envelope } from '../helpers/envelopes.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1003 }));
afterEach(() => void vi.useRealTimers());

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

test('ticks while the input is idle, until the end', async () => {
  async function* input(): AsyncGenerator<Envelope, Envelope, undefined> {
    yield envelope(['a']);
    await wait(30);
    yield envelope(['b']);
    return endEnvelope('ok');
  }
  const written: string[] = [];
  const core = new BatchCore({ by: 'interval', milliseconds: 10 }, 1000, Date.now());
  const write = ({ header, payload }: Envelope): void =>
    void written.push(`${Date.now()} ${header.end ?? header.from} ${String(payload)}`);
  const running = runCore(input(), core, { write }, Date.now);
  await vi.advanceTimersByTimeAsync(100);
  expect((await running).header.end).toBe('ok');
  expect(written).toEqual(['1010 1000 "a"', '1020 1010 ', '1030 1020 ', '1033 1030 "b"', '1033 ok ']);
});

test('a slow output holds the input back', async () => {
  let read = 0;
  async function* input(): AsyncGenerator<Envelope, Envelope, undefined> {
    for (; read < 3; read += 1) yield envelope(['a']);
    return endEnvelope('ok');
  }
  const core = { accept: (one: Envelope) => [one], end: (ending: Envelope) => [ending] };
  const running = runCore(input(), core, { write: () => wait(10) }, Date.now);
  await vi.advanceTimersByTimeAsync(5);
  expect(read).toBe(0);
  await vi.advanceTimersByTimeAsync(10);
  expect(read).toBe(1);
  await vi.advanceTimersByTimeAsync(100);
  await running;
});
