// Where blocks stand in their input: whoever reads on from any place that was told gets the records behind it.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { endEnvelope, type Envelope, type Position } from '../../src/envelope/envelope.ts';
import { formatFrom } from '../../src/ingest/formats/registry.ts';
import { IngestCore } from '../../src/ingest/ingest.ts';
import type { Rejects } from '../../src/stage/rejects.ts';
import { recordsOf, ready } from '../helpers/envelopes.ts';

const rejects: Rejects = { reject: () => undefined, takeCount: () => 0 };
const source = { name: 'a.log', position: 0, read: () => ({}) as AsyncIterable<Buffer> };

/** All blocks of `bytes` behind `from`, read in chunks of `size`. */
function read(
  bytes: Buffer,
  format: 'lines' | 'json',
  maxRecord: number,
  from: Position,
  size: number,
): Envelope[] {
  const core = new IngestCore({
    format: formatFrom({ format }, rejects),
    rejects,
    sources: [source],
    maxRecord,
    startedAt: 0,
  });
  const outputs: Envelope[] = [];
  for (let at = from.offset; at < bytes.length; at += size) {
    const place = { ...from, id: 'a', offset: at };
    outputs.push(...ready(core.accept({ source, bytes: bytes.subarray(at, at + size), place }, at)));
    outputs.push(...ready(core.tick(at + 5)));
  }
  outputs.push(...ready(core.accept({ source, place: { ...from, id: 'a', offset: bytes.length } }, 0)));
  return [...outputs, ...ready(core.end(endEnvelope('ok'), 0))].filter(({ header }) => header.offsets);
}

const line = fc.oneof(
  fc.constantFrom('', 'x', '{"a":1}', '[1,', 'ä', '"', 'null', '\r', '1 2'),
  fc.string({ maxLength: 30 }).filter((text) => !/[\n\ufeff]/.test(text)),
);
const text = fc.tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('', '\n'));

test.each(['lines', 'json'] as const)('%s: from any place on come the records behind it', (format) => {
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 3, max: 20 }),
      ([lines, end], one, other, maxRecord) => {
        const bytes = Buffer.from(lines.join('\n') + end);
        const start: Position = { offset: 0 };
        const blocks = read(bytes, format, maxRecord, start, one);
        const all = recordsOf(blocks);
        let passed = 0;
        let until = start;
        for (const block of blocks) {
          const range = block.header.offsets?.['a'];
          // Each block begins where the one before it ended.
          expect(range?.from).toEqual(until);
          until = range?.until ?? until;
          for (let within = 0; within <= block.header.n; within += 1) {
            const skip = (range?.from.skip ?? 0) + within;
            const place = within === block.header.n ? until : { offset: range?.from.offset ?? 0, skip };
            expect(recordsOf(read(bytes, format, maxRecord, place, other))).toEqual(
              all.slice(passed + within),
            );
          }
          passed += block.header.n;
        }
      },
    ),
    { numRuns: 60 },
  );
});
