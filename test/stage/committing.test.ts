// When the sinks of a job commit: only between two batches, whatever comes within one.
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { endEnvelope, type Envelope, type Job } from '../../src/envelope/envelope.ts';
import { Committing, type JobOutput } from '../../src/stage/committing.ts';
import { batch, envelope } from '../helpers/envelopes.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

test('a heartbeat within a batch does not make what is written of it a part of the one before', async () => {
  const state = temporaryFolder();
  for (const folder of ['offsets', 'commits']) mkdirSync(`${state}/${folder}`);
  const job: Job = { state, run: 'r', next: 0, positions: {}, stages: [{ key: '0-ingest', shape: '' }] };
  const seen: string[] = [];
  const sink: JobOutput = {
    write: ({ header }: Envelope) => void seen.push(`${header.batch ?? 'heartbeat'}:${header.part ?? ''}`),
    resume: () => Promise.resolve(),
    commit: (number) => {
      seen.push(`commit ${number}`);
      return Promise.resolve(null);
    },
  };
  const output = new Committing(sink, [sink]);
  await output.write(envelope([], { job }));
  await output.write(batch(0, [1]));
  // Too soon to commit again: a timer will.
  await output.write(batch(1, [1]));
  await output.write(envelope([1], { batch: 2, part: 0, last: false }));
  await output.write(envelope([]));
  await sleep(200);
  await output.write(envelope([2], { batch: 2, part: 1, last: true }));
  await output.write(endEnvelope('ok'));
  expect(seen.filter((line) => line !== 'heartbeat:')).toEqual([
    '0:0',
    'commit 0',
    '1:0',
    '2:0',
    '2:1',
    'commit 2',
    // With the end.
    'commit 2',
  ]);
});
