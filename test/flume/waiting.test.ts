// How long a call waits for its answer, told by a clock of the test.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvroWriter } from '../../src/flume/avro.ts';
import { FrameReader, frameOf } from '../../src/flume/frames.ts';
import { protocolHash, status } from '../../src/flume/protocol.ts';
import { FlumeCalls } from '../../src/ingest/receivers/flume/calls.ts';
import { Inbox } from '../../src/ingest/receivers/inbox.ts';

/** Whether agents have given up by then: they wait for 20 s. */
const longest = 10_000;
const settings = { maxRecord: 1000, withHeaders: false, dedupHeader: undefined };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Calls into an inbox that nobody reads. */
function started(): { calls: FlumeCalls; answers: Map<number, number | undefined> } {
  const answers = new Map<number, number | undefined>();
  const frames = new FrameReader();
  const calls = new FlumeCalls(new Inbox(), settings, {
    send(bytes) {
      // The status stands last, as Avro writes small numbers.
      for (const { serial, payload } of frames.push(bytes)) answers.set(serial, (payload.at(-1) ?? 0) / 2);
    },
    complain: () => undefined,
    changed: () => undefined,
  });
  calls.push(call(0));
  return { calls, answers };
}

/** The first of a connection is a handshake with a ping. */
function call(serial: number): Buffer {
  const writer = new AvroWriter();
  if (serial === 0) writer.raw(protocolHash).integer(0).raw(protocolHash).integer(0).integer(0).text('');
  else writer.integer(0).text('append').integer(0).text(`event ${serial}`);
  return frameOf(serial, writer.bytes);
}

test('FAILED comes after half of what an agent waits for', () => {
  const { calls, answers } = started();
  calls.push(call(1));
  vi.advanceTimersByTime(longest - 10);
  expect(answers.get(1)).toBeUndefined();
  vi.advanceTimersByTime(20);
  expect(answers.get(1)).toBe(status.failed);
});

test('what waited while nothing was read has less to wait', () => {
  const { calls, answers } = started();
  calls.pause();
  vi.advanceTimersByTime(4000);
  calls.resume();
  // There was room for others only.
  calls.pause();
  vi.advanceTimersByTime(3000);
  calls.resume();
  const bytes = call(1);
  calls.push(bytes.subarray(0, 10));
  vi.advanceTimersByTime(1000);
  calls.push(bytes.subarray(10));
  vi.advanceTimersByTime(longest - 8010);
  expect(answers.get(1)).toBeUndefined();
  vi.advanceTimersByTime(20);
  expect(answers.get(1)).toBe(status.failed);
});

test('what comes later, or behind it, has not waited', () => {
  const { calls, answers } = started();
  calls.pause();
  vi.advanceTimersByTime(60_000);
  calls.resume();
  calls.push(Buffer.concat([call(1), call(2)]));
  vi.advanceTimersByTime(1);
  expect(answers.get(1)).toBe(status.failed);
  vi.advanceTimersByTime(longest - 10);
  expect(answers.get(2)).toBeUndefined();
  calls.pause();
  vi.advanceTimersByTime(60_000);
  calls.resume();
  vi.advanceTimersByTime(2000);
  calls.push(call(3));
  vi.advanceTimersByTime(longest - 10);
  expect(answers.get(3)).toBeUndefined();
});
