// The law of the house: the same bytes give the same rows, however they are cut.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchCore } from '../../src/batch/batch.ts';
import type { BatchPolicy } from '../../src/batch/policy.ts';
import { formatFrom } from '../../src/ingest/formats/registry.ts';
import { IngestCore } from '../../src/ingest/ingest.ts';
import { planFrom } from '../../src/reduce/plan.ts';
import { ReduceCore } from '../../src/reduce/reduce.ts';
import { chain } from '../../src/stage/core.ts';
import { failOnReject as rejects } from '../../src/stage/rejects.ts';
import { chunked, runAll } from '../helpers/envelopes.ts';

const source = { name: 'test', position: 0, read: async function* (): AsyncGenerator<Buffer> {} };

/** The rows of each batch. */
function wordCounts(chunks: readonly Buffer[], policy: BatchPolicy, partSize: number): string[] {
  const ingest = new IngestCore({
    format: formatFrom({ format: 'lines' }, rejects),
    rejects,
    sources: [source],
    maxRecord: 1000,
    startedAt: 0,
  });
  const plan = planFrom({ by: [], words: true, partial: false }, []);
  const pipeline = chain(
    chain(ingest, new BatchCore(policy, partSize, 0)),
    new ReduceCore(plan, { partial: false, partSize, caveats: new Set<string>(), rejects }),
  );
  const inputs = [...chunks.map((bytes) => ({ source, bytes })), { source }];
  const batches: string[] = [];
  for (const { header, payload } of runAll(pipeline, inputs))
    if (header.batch !== undefined)
      batches[header.batch] = [batches[header.batch] ?? '', String(payload)]
        .filter((text) => text !== '')
        .join(',');
  return batches;
}

function naiveCounts(text: string, linesEach: number): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const batches: string[] = [];
  for (let at = 0; at < lines.length; at += linesEach) {
    const counts = new Map<string, number>();
    for (const word of lines
      .slice(at, at + linesEach)
      .join('\n')
      .split(/[ \t\n\v\f\r]+/))
      if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
    const sorted = Array.from(counts).sort(([one], [other]) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    batches.push(sorted.map(([word, count]) => JSON.stringify({ word, count })).join(','));
  }
  return batches;
}

const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'é',
    '😀',
    '\uffff',
    '\0',
    ' ',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '__proto__',
    '"',
    '\\',
  ),
  maxLength: 80,
});

test('property: any chunking and any part size give the naive word count', () => {
  const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
  fc.assert(
    fc.property(
      chunked(text.map((whole) => Buffer.from(whole))),
      limit,
      fc.integer({ min: 1, max: 200 }),
      ({ bytes, chunks }, lines, partSize) => {
        const policy: BatchPolicy = lines === undefined ? { by: 'end' } : { by: 'records', limit: lines };
        const expected = naiveCounts(bytes.toString(), lines ?? Infinity);
        expect(wordCounts(chunks, policy, partSize)).toEqual(
          expected.length === 0 && lines === undefined ? [''] : expected,
        );
      },
    ),
    { numRuns: 500 },
  );
});
