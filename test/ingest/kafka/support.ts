// What tests of messages share: batches of values, and what becomes of them.
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { MessageEncoder } from '../../../src/ingest/kafka/encoder.ts';
import { FetchedMessages, type Piece } from '../../../src/ingest/kafka/messages.ts';
import { failOnReject, type Rejects } from '../../../src/stage/rejects.ts';
import { expect } from 'vitest';
import { oracleBatch } from '../../kafka/oracle.ts';

type Reading = {
  readonly format?: string;
  readonly withMeta?: boolean;
  readonly maxRecord?: number;
  readonly rejects?: Rejects;
  readonly from?: number;
  readonly aborted?: readonly { readonly producer: bigint; readonly first: number }[];
};

export const endless = Number.POSITIVE_INFINITY;

export function encoderFor({
  format = 'lines',
  withMeta = false,
  maxRecord = 1000,
  rejects = failOnReject,
}: Reading) {
  return new MessageEncoder({ format: formatFrom({ format }, rejects), withMeta, maxRecord });
}

export function fetched(
  bytes: Buffer,
  reading: Reading = {},
  encoder = encoderFor(reading),
): FetchedMessages {
  const { from = 0, aborted = [] } = reading;
  return new FetchedMessages(
    { topic: 'orders', partition: 3, errorCode: 0, end: 0, aborted, bytes },
    from,
    encoder,
  );
}

export function recordsOf(...pieces: readonly Piece[]): unknown[] {
  return pieces.flatMap(({ payload, count }) => {
    const records = JSON.parse(`[${payload.toString()}]`) as unknown[];
    expect(records).toHaveLength(count);
    return records;
  });
}

/** All of it, with what the encoder has counted. */
export function read(
  bytes: Buffer,
  reading: Reading = {},
): { records: unknown[]; counters: Record<string, number> } {
  const encoder = encoderFor(reading);
  const messages = fetched(bytes, reading, encoder);
  const pieces: Piece[] = [];
  while (!messages.isOver) pieces.push(messages.take(endless, endless));
  const counters = Object.fromEntries(Object.entries(encoder.counters()).filter(([, count]) => count > 0));
  return { records: recordsOf(...pieces), counters };
}

export function batchOf(values: readonly (string | Buffer | null)[], firstOffset = 0): Promise<Buffer> {
  return oracleBatch(
    values.map((value, offsetDelta) => ({
      offsetDelta,
      value: typeof value === 'string' ? Buffer.from(value) : value,
    })),
    { firstOffset },
  );
}

/** Leaves out what is wrong. */
export function keeping(): Rejects & {
  readonly rejected: [record: unknown, place: string, reason: string][];
} {
  const rejected: [unknown, string, string][] = [];
  return {
    rejected,
    reject: (...all) => rejected.push(all),
    takeCount: () => 0,
  };
}
