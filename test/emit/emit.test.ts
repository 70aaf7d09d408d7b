// What emit makes of a job that goes on: batches that are there already are passed over, and the end is an end all the same.
import { expect, test } from 'vitest';
import { endEnvelope } from '../../src/envelope/envelope.ts';
import { EmitOutput, type TableWriter } from '../../src/emit/emit.ts';
import { batch } from '../helpers/envelopes.ts';

test('batches up to the one that was committed are passed over; the end closes what is written to', async () => {
  const seen: string[] = [];
  const writer: TableWriter = {
    write: (rows, head) => void seen.push(`${head.batch}: ${[...rows.texts()].flat().join(',')}`),
    report: () => undefined,
    close: (end) => void seen.push(end),
  };
  const output = new EmitOutput(writer, { sort: undefined, reverse: false, top: undefined });
  await output.resume({ job: 'j', committed: 1, kept: undefined });
  for (const number of [0, 1, 2]) await output.write(batch(number, [number]));
  await output.write(endEnvelope('paused'));
  expect(seen).toEqual(['2: 2', 'ok']);
});
