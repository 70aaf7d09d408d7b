// Tables on their way between threads.

import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createWasmKernel } from '../../src/kernel/wasm.ts';
import { allRows } from './support.ts';

test('exported tables can be posted to another thread and merged there', async () => {
  const merged = createWasmKernel().createTable();
  const whole = createWasmKernel().createTable();
  const { port1, port2 } = new MessageChannel();
  for (const text of ['a b a', 'b c', 'a-word-of-more-than-16-bytes a']) {
    const table = createWasmKernel().createTable();
    table.countWords(Buffer.from(text));
    const exported = table.export();
    port1.postMessage(exported, [exported]);
    const [received] = (await once(port2, 'message')) as [ArrayBuffer];
    expect(exported.byteLength).toBe(0);
    merged.absorb(received);
    whole.countWords(Buffer.from(text));
  }
  port1.close();
  expect(allRows(merged)).toBe(allRows(whole));
});
