// Pieces → blocks, and signs of life in between.
import { expect, test } from 'vitest';
import { endEnvelope } from '../../../src/envelope/envelope.ts';
import { BlocksCore } from '../../../src/ingest/kafka/blocks.ts';
import { failOnReject } from '../../../src/stage/rejects.ts';
import { heartbeatMilliseconds } from '../../../src/stage/reporting.ts';
import { openingMilliseconds } from '../../../src/ingest/ingest.ts';
import { ready } from '../../helpers/envelopes.ts';
import { valuesAt } from '../../kafka/support.ts';
import { batchOf, encoderFor, endless, fetched } from './support.ts';

function coreOf(
  encoder = encoderFor({}),
  progress: { done: number; total?: number } = { done: 0 },
): BlocksCore {
  return new BlocksCore(encoder, failOnReject, () => progress, 1000);
}

test('a piece is a block with its offsets', () => {
  const { payload, count } = fetched(valuesAt(5, ['a', 'b']), { from: 5 }).take(endless, endless);
  const offsets = { 'orders/3': { from: { offset: 5 }, until: { offset: 7 } } };
  expect(ready(coreOf().accept({ payload, count, offsets }, 0))).toEqual([
    { header: { v: 1, n: 2, offsets }, payload: Buffer.from('"a","b"') },
  ]);
});

test('the opening and the end pass as they are', () => {
  const opening = { header: { v: 1, n: 0 }, payload: Buffer.alloc(0) } as const;
  expect(ready(coreOf().accept({ opening }, 0))).toEqual([opening]);
  expect(ready(coreOf().end(endEnvelope('paused')))).toEqual([endEnvelope('paused')]);
});

test('it shows that it lives: soon at first, then when nothing has come for a while', () => {
  const core = coreOf();
  const heartbeat = [{ header: { v: 1, n: 0 }, payload: Buffer.alloc(0) }];
  const first = 1000 + openingMilliseconds;
  expect(core.deadline()).toBe(first);
  expect(ready(core.tick(first - 1))).toEqual([]);
  expect(ready(core.tick(first))).toEqual(heartbeat);
  expect(core.deadline()).toBe(first + heartbeatMilliseconds);
  ready(core.accept({ payload: Buffer.from('1'), count: 1, offsets: {} }, first + 10));
  expect(ready(core.tick(first + heartbeatMilliseconds))).toEqual([]);
  expect(core.deadline()).toBe(first + 10 + heartbeatMilliseconds);
});

test('it counts what became of the messages, and tells of each once', async () => {
  const encoder = encoderFor({ maxRecord: 1 });
  fetched(await batchOf(['12', null, null]), {}, encoder).take(endless, endless);
  const core = coreOf(encoder, { done: 3, total: 9 });
  expect(core.counters()).toEqual({ cut: 1, tombstones: 2, done: 3, total: 9 });
  expect(core.counters()).toEqual({ done: 3, total: 9 });
});
