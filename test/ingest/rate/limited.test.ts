// Input that is held back: the same records, so many a second, by a clock that is told.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../../src/envelope/envelope.ts';
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { IngestCore } from '../../../src/ingest/ingest.ts';
import { StackTraces } from '../../../src/ingest/multiline.ts';
import { RateLimit } from '../../../src/ingest/rate/limit.ts';
import { readLimited } from '../../../src/ingest/rate/limited.ts';
import type { SourceChunk } from '../../../src/stage/stage.ts';
import { chunked, ready } from '../../helpers/envelopes.ts';
import { keptRejects } from '../../helpers/map.ts';

type Run = {
  readonly payload: string;
  readonly gone: { readonly at: number; readonly records: number }[];
  readonly places: unknown[];
};

async function run(
  chunks: readonly Buffer[],
  {
    rate,
    format = 'lines',
    multiline = false,
    stopAt = Number.POSITIVE_INFINITY,
  }: { rate?: number; format?: string; multiline?: boolean; stopAt?: number },
): Promise<Run> {
  const rejects = keptRejects();
  const core = new IngestCore({
    format: formatFrom({ format }, rejects),
    rejects,
    sources: [],
    maxRecord: 1000,
    joining: multiline ? new StackTraces() : undefined,
    startedAt: 0,
  });
  const source = { name: 'log' };
  async function* read(): AsyncGenerator<SourceChunk, Envelope> {
    let offset = 0;
    for (const bytes of chunks) {
      yield { source, bytes, place: { id: 'log', offset } };
      offset += bytes.length;
    }
    yield { source };
    return endEnvelope('ok');
  }
  const stop = new AbortController();
  let now = 0;
  const limiting = {
    limit: new RateLimit(rate ?? 1),
    records: () => core.records,
    clock: () => now,
    async pause(milliseconds: number) {
      now += milliseconds;
      if (now >= stopAt) stop.abort();
    },
  };
  const input = rate === undefined ? read() : readLimited(read(), stop.signal, limiting);
  const gone: { at: number; records: number }[] = [];
  const places: unknown[] = [];
  const payloads: string[] = [];
  for (;;) {
    const { value, done } = await input.next();
    const before = core.records;
    const steps = done ? core.end(value, now) : core.accept(value, now);
    payloads.push(
      ...ready(steps).flatMap(({ payload }) => (payload.length > 0 ? [payload.toString('utf8')] : [])),
    );
    gone.push({ at: now, records: core.records - before });
    if (!done && 'place' in value) places.push(value.place?.offset);
    if (done) return { payload: payloads.join(','), gone, places };
  }
}

const line = fc.oneof(
  fc.constantFrom('', '{"a":1}', '1', '  at x', 'no JSON', 'long'.repeat(300)),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
);
const text = fc
  .array(line, { maxLength: 40 })
  .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`));

describe('what is held back', () => {
  test.each(['lines', 'json', 'csv', 'multiline'])(
    '%s: is the same, and never more than its rate',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(
          chunked(text.map((some) => Buffer.from(some))),
          fc.constantFrom(0.5, 5, 30, 1000),
          async ({ chunks }, rate) => {
            const options = format === 'multiline' ? { multiline: true } : { format };
            const free = await run(chunks, options);
            const held = await run(chunks, { ...options, rate });
            expect(held.payload).toBe(free.payload);
            // What is kept back of a record comes with the end.
            const gone = held.gone.slice(0, -2);
            for (const [index, first] of gone.entries()) {
              let sum = 0;
              for (const { at, records } of gone.slice(index)) {
                sum += records;
                // A line that goes on with the next chunk, or a record of several, may be one more.
                expect(sum).toBeLessThanOrEqual(((at - first.at) * rate) / 1000 + Math.max(1, rate / 10) + 2);
              }
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test('takes as long as its rate says', async () => {
    const { gone } = await run([Buffer.from('x\n'.repeat(1000))], { rate: 100 });
    expect(gone.at(-1)?.at).toBeGreaterThan(9900);
    expect(gone.at(-1)?.at).toBeLessThanOrEqual(10_000);
    expect(Math.max(...gone.map(({ records }) => records))).toBeLessThanOrEqual(10);
  });

  test('what makes no record costs nothing', async () => {
    const { gone } = await run([Buffer.from(`${'\n'.repeat(1000)}1\n`)], { rate: 1, format: 'json' });
    expect(gone.at(-1)?.at).toBe(0);
  });

  test('says where each piece stands', async () => {
    const { places } = await run([Buffer.from('aa\nbb\ncc\n'), Buffer.from('d\ne')], { rate: 1 });
    expect(places).toEqual([0, 3, 6, 9, 11]);
  });

  test('a signal ends it, and what was not handed on was not read', async () => {
    const { payload, gone } = await run([Buffer.from('1\n2\n3\n4\n'), Buffer.from('5\n6\n')], {
      rate: 1,
      stopAt: 2500,
    });
    expect(payload).toBe('"1","2","3"');
    expect(gone.at(-1)?.at).toBe(3000);
  });
});
