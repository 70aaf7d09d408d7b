import * as fc from 'fast-check';
import split2 from 'split2';
import { describe, expect, test } from 'vitest';
import { isUtf8 } from 'node:buffer';
import { LineCutter } from '../../src/ingest/lines.ts';
import { chunked } from '../helpers/envelopes.ts';

type Cut = { lines: string[]; cut: number };

/** Lines as latin1, so that every byte can be seen. */
function cutLines(chunks: readonly Buffer[], maxLength: number): Cut {
  const cutter = new LineCutter(maxLength);
  const regions = chunks.flatMap((chunk) => Array.from(cutter.push(chunk)));
  regions.push(...cutter.finish());
  for (const region of regions.filter(({ length }) => length > 0)) expect(region.at(-1)).toBe(0x0a);
  const lines = Buffer.concat(regions).toString('latin1').split('\n');
  lines.pop();
  return { lines, cut: cutter.cut };
}

/** The same in the plainest way: all bytes at once, line by line. */
function naiveLines(bytes: Buffer, maxLength: number): Cut {
  const lines = bytes.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  let cut = 0;
  const bounded = lines.map((line) => {
    if (line.replace(/\r$/, '').length <= maxLength) return line;
    cut += 1;
    let end = maxLength;
    while (end > maxLength - 3 && end > 0 && /[\x80-\xbf]/.test(line[end] ?? '')) end -= 1;
    return line.slice(0, end);
  });
  return { lines: bounded, cut };
}

describe('LineCutter', () => {
  test.each([
    { name: 'nothing', chunks: [], lines: [], cut: 0 },
    { name: 'empty lines', chunks: ['\n\na\n\n'], lines: ['', '', 'a', ''], cut: 0 },
    { name: 'a missing last newline', chunks: ['a\nb'], lines: ['a', 'b'], cut: 0 },
    { name: 'a newline as the next chunk', chunks: ['abc', '\n', '\n'], lines: ['abc', ''], cut: 0 },
    { name: 'just as long as allowed', chunks: ['abcd\nabcd'], lines: ['abcd', 'abcd'], cut: 0 },
    { name: 'one byte too long', chunks: ['abcde\nabcde'], lines: ['abcd', 'abcd'], cut: 2 },
    {
      name: 'the \\r of \\r\\n does not count',
      chunks: ['abcd\r\n', 'abcd\r'],
      lines: ['abcd\r', 'abcd\r'],
      cut: 0,
    },
    {
      name: 'a \\r at the limit inside a longer line',
      chunks: ['abcd\refg\nx\n'],
      lines: ['abcd', 'x'],
      cut: 1,
    },
    {
      name: 'a \\r at the limit, the rest in later chunks',
      chunks: ['abcd\r', 'e', 'f\nx'],
      lines: ['abcd', 'x'],
      cut: 1,
    },
    {
      name: 'a long line between short ones',
      chunks: ['a\nbcdefgh\ni\n'],
      lines: ['a', 'bcde', 'i'],
      cut: 1,
    },
    {
      name: 'a long line over many chunks',
      chunks: ['ab', 'cdef', 'gh', 'i\nj'],
      lines: ['abcd', 'j'],
      cut: 1,
    },
  ])('$name', ({ chunks, lines, cut }) => {
    expect(
      cutLines(
        chunks.map((chunk) => Buffer.from(chunk)),
        4,
      ),
    ).toEqual({ lines, cut });
  });

  test('lines that fit into the limit leave as one region', () => {
    const cutter = new LineCutter(100);
    const regions = Array.from(cutter.push(Buffer.from('a\nb\nc\nd')), String);
    expect(regions).toEqual(['a\nb\nc\n']);
  });

  test('property: any chunking, any limit, as the naive way has it', () => {
    const bytes = fc
      .array(fc.constantFrom(0x0a, 0x0a, 0x0d, 0x61, 0x62, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80), {
        maxLength: 60,
      })
      .map((list) => Buffer.from(list));
    fc.assert(
      fc.property(chunked(bytes), fc.integer({ min: 1, max: 8 }), ({ bytes: whole, chunks }, maxLength) => {
        expect(cutLines(chunks, maxLength)).toEqual(naiveLines(whole, maxLength));
      }),
      { numRuns: 1000 },
    );
  });

  test('property: a cut never splits a character, and keeps all that fit', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        chunked(text.map((line) => Buffer.from(line))),
        fc.integer({ min: 1, max: 20 }),
        (input, maxLength) => {
          const [line = ''] = cutLines(input.chunks, maxLength).lines;
          const bytes = Buffer.from(line, 'latin1');
          expect(isUtf8(bytes)).toBe(true);
          expect(bytes.length).toBeLessThanOrEqual(maxLength);
          const next = input.bytes.subarray(bytes.length).toString().codePointAt(0);
          if (next !== undefined)
            expect(bytes.length + Buffer.byteLength(String.fromCodePoint(next))).toBeGreaterThan(maxLength);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('property: split2 finds the same lines in ASCII', async () => {
    const ascii = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\n') }).map((text) => Buffer.from(text));
    await fc.assert(
      fc.asyncProperty(chunked(ascii), async ({ chunks }) => {
        const splitter = split2();
        for (const chunk of chunks) splitter.write(chunk);
        splitter.end();
        const lines: string[] = [];
        for await (const line of splitter) lines.push(line as string);
        expect(cutLines(chunks, 1000).lines).toEqual(lines);
      }),
      { numRuns: 50 },
    );
  });
});
