import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineFramer } from '../../src/envelope/frame.ts';
import { chunked } from '../helpers/envelopes.ts';

function refuse(length: number): never {
  throw new RangeError(`${length} bytes`);
}

function framed(chunks: readonly Buffer[], maxLength = 1000): { lines: string[]; rest: string | undefined } {
  const framer = new LineFramer(maxLength, refuse);
  const lines = chunks.flatMap((chunk) => Array.from(framer.push(chunk), (line) => line.toString('latin1')));
  return { lines, rest: framer.rest()?.toString('latin1') };
}

describe('LineFramer', () => {
  test.each([
    { name: 'nothing', chunks: [], lines: [], rest: undefined },
    { name: 'an empty chunk', chunks: [''], lines: [], rest: undefined },
    { name: 'an empty line', chunks: ['\n'], lines: [''], rest: undefined },
    { name: 'two lines in one chunk', chunks: ['a\nb\n'], lines: ['a', 'b'], rest: undefined },
    { name: 'a line in three chunks', chunks: ['a', 'b', 'c\n'], lines: ['abc'], rest: undefined },
    { name: 'the newline alone in a chunk', chunks: ['ab', '\n'], lines: ['ab'], rest: undefined },
    { name: 'a last line without newline', chunks: ['a\nb', 'c'], lines: ['a'], rest: 'bc' },
    { name: 'a carriage return belongs to the line', chunks: ['a\r\n'], lines: ['a\r'], rest: undefined },
  ])('$name', ({ chunks, lines, rest }) => {
    expect(framed(chunks.map((chunk) => Buffer.from(chunk)))).toEqual({ lines, rest });
  });

  test('a rest is handed out once', () => {
    const framer = new LineFramer(10, refuse);
    Array.from(framer.push(Buffer.from('ab')));
    expect(framer.rest()?.toString()).toBe('ab');
    expect(framer.rest()).toBeUndefined();
  });

  test('a line above the limit is refused before it is whole', () => {
    expect(() => framed([Buffer.from('abc'), Buffer.from('de')], 4)).toThrow('5 bytes');
    expect(framed([Buffer.from('abc'), Buffer.from('d\n')], 4).lines).toEqual(['abcd']);
  });

  test('property: any chunking of any bytes gives the lines of the whole', () => {
    const bytes = fc.array(fc.constantFrom(0x0a, 0x0d, 0x61, 0xff)).map((list) => Buffer.from(list));
    fc.assert(
      fc.property(chunked(bytes), ({ bytes: whole, chunks }) => {
        const lines = whole.toString('latin1').split('\n');
        const rest = lines.pop();
        expect(framed(chunks)).toEqual({ lines, rest: rest === '' ? undefined : rest });
      }),
    );
  });
});
