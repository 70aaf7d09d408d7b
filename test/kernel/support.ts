// What the kernel's tests share: both kernels side by side, and bytes that are hard on them.

import * as fc from 'fast-check';
import type { Reading, RowFormat, Table, TableSettings } from '../../src/kernel/kernel.ts';
import { rowFormat } from '../../src/kernel/format.ts';
import { createTwinKernel } from '../../src/kernel/twin.ts';
import { createWasmKernel } from '../../src/kernel/wasm.ts';

export const wasm = createWasmKernel();
export const twin = createTwinKernel();

/** Runs per property; KERNEL_RUNS=100000 for a long night. */
export const numRuns = Number(process.env['KERNEL_RUNS'] ?? 400);

export const wordRows = rowFormat([
  { name: 'word', kind: 'key' },
  { name: 'count', kind: 'count' },
]);

/** Pieces of which text is made that touches every rule: edges of UTF-8, of JSON, of words, of blocks. */
const pieces = [
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\r',
  '	',
  '\v',
  '\f',
  '\0',
  '',
  '',
  '"',
  '\\',
  '/',
  ',',
  '{',
  '}',
  '[',
  ']',
  ':',
  'a',
  'the',
  'word',
  'seven77',
  'eight888',
  'nine99999',
  'exactlysixteen16',
  'seventeenletters1',
  'x'.repeat(63),
  'y'.repeat(70),
  'é',
  'ß',
  '€',
  '한',
  '😀',
  '\xA0',
  '\u2028',
  '﻿',
  '�',
  '_other',
  '-1',
  '0',
  '12.5',
  '1e3',
  'null',
  'true',
  '\\n',
  '\\t',
  '\\u0020',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud83d',
  '\\ude00',
  '\\"',
  '\\\\',
  '\\/',
  '\\x',
  '\\u12',
].map((piece) => Buffer.from(piece));
const broken = [
  [0x80],
  [0xbf],
  [0xc0, 0x80],
  [0xc3],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8],
  [0xff],
];

/** Any bytes, but mostly such as have a meaning here. */
export const bytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...pieces) },
      { weight: 1, arbitrary: fc.constantFrom(...broken.map((piece) => Buffer.from(piece))) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5 }).map((piece) => Buffer.from(piece)) },
    ),
    { maxLength: 120, size: 'max' },
  )
  .map((parts) => Buffer.concat(parts));

/** Text without broken UTF-8. */
export const validText: fc.Arbitrary<string> = fc.oneof(
  bytes.map((text) => text.toString()),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
);

export function tables(settings?: TableSettings): { fast: Table; plain: Table } {
  return { fast: wasm.createTable(settings), plain: twin.createTable(settings) };
}

/** All rows of a table as text, in the given capacity at a time. */
export function allRows(table: Table, format: RowFormat = wordRows, capacity = 1 << 20): string {
  let text = '';
  let row = 0;
  while (true) {
    const part = table.rows(format, row, capacity, row > 0);
    text += Buffer.from(part.bytes).toString();
    if (part.done) return text;
    if (part.next === row) throw new Error(`row ${row} does not fit ${capacity}`);
    row = part.next;
  }
}

/** Everything a table tells about itself. */
export function contents(table: Table): unknown {
  const groups = Array.from({ length: table.size }, (_, number) => table.group(number));
  const overflow = table.overflowed ? table.group(-1) : undefined;
  const texts = groups.map((_, number) => table.keyText(number));
  const seen = [...groups, overflow].map(
    (group) =>
      group && { key: Buffer.from(group.key).toString('latin1'), count: group.count, values: group.values },
  );
  return { texts, groups: seen };
}

function listedOf(table: Table): [number, number, number][] {
  const list: [number, number, number][] = [];
  table.forEachListed((group, value, number) => list.push([group, value, number]));
  return list;
}

function endsOf(table: Table): [number, number][] {
  const list: [number, number][] = [];
  table.forEachEnd((group, end) => list.push([group, end]));
  return list;
}

/** Lets both kernels read the same and gives back what they say and hold. */
export function readBoth(
  read: (table: Table) => Reading | void,
  settings?: TableSettings,
): [unknown, unknown] {
  const { fast, plain } = tables(settings);
  const seen = [fast, plain].map((table) => ({
    reading: read(table),
    listed: settings?.listed && listedOf(table),
    ends: settings?.ends && endsOf(table),
    groups: contents(table),
  }));
  fast.free();
  return [seen[0], seen[1]];
}
