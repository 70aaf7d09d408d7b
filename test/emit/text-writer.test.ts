// Rows as bytes: what the kernel lays out, and what it leaves, are the lines that a format writes one by one.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { rowFormats } from '../../src/emit/formats/registry.ts';
import type { TableHead } from '../../src/emit/formats/format.ts';
import { Rows } from '../../src/emit/rows.ts';
import { TextWriter } from '../../src/emit/text-writer.ts';
import type { ByteOutput } from '../../src/stage/output.ts';

const plain: TableHead = { batch: 0, isWindow: false };
const window: TableHead = { batch: 0, interval: { start: 0, end: 30_000 }, isWindow: true };

class Collected {
  text = '';
  write(pieces: readonly (Buffer | string)[]): void {
    for (const piece of pieces) this.text += piece.toString();
  }
  flush(): void {
    // All is here already.
  }
}

const padding = 'x'.repeat(20_000);
/** `count` in most rows comes just as the kernel writes it; the others are for the formats themselves. */
const row = fc.oneof(
  { weight: 6, arbitrary: fc.record({ word: fc.string({ unit: 'grapheme' }), count: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ count: fc.jsonValue(), word: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.record({ word: fc.double({ noNaN: true }) }) },
);

for (const name of ['ndjson', 'csv', 'tsv'] as const) {
  test(`${name}: laid out by the kernel as written row by row`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        fc.boolean(),
        async (values, isWindow, spaced) => {
          const head = isWindow ? window : plain;
          const first = { word: padding, count: 1 };
          const texts = [first, ...values].map((value) =>
            spaced ? ` ${JSON.stringify(value, undefined, 1).replaceAll('\n', '')}` : JSON.stringify(value),
          );
          const output = new Collected();
          const format = await rowFormats[name].create();
          const writer = new TextWriter(output as unknown as ByteOutput, format, undefined, undefined);
          await writer.write(Rows.of(texts), head, true);
          const oneByOne = await rowFormats[name].create();
          let expected = '';
          for (const text of texts) expected += await oneByOne.write([text.trim()], head, false);
          expect(output.text).toBe(expected);
        },
      ),
    );
  });
}

test('a wrong count is refused, whoever lays the rows out', async () => {
  const text: Json = `{"word":"${padding}","count":1}`;
  const output = new Collected();
  const writer = new TextWriter(
    output as unknown as ByteOutput,
    await rowFormats.csv.create(),
    undefined,
    undefined,
  );
  const rows = new Rows(Buffer.from(`${text},${text}`), 3, 'batch 0, part 0');
  await expect(writer.write(rows, plain, true)).rejects.toThrow(
    "batch 0, part 0 is damaged: field 'n' says 3, but there are 2 records",
  );
});
