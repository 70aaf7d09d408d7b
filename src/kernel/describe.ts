// What a job wants of the kernel, laid out in its memory as the assembly reads it.

import { countingCells, rowFormat } from './format.ts';
import type { CellKind, Columns, Fields, Layout, LineTemplate, RowFormat, TemplateOutput } from './kernel.ts';
import type { Memory } from './memory.ts';

/** The numbers in assembly/format.ts. */
const cellNumbers: Record<CellKind, number> = {
  key: 1,
  part: 2,
  count: 3,
  'value-count': 4,
  sum: 5,
  least: 6,
  greatest: 7,
  average: 8,
  total: 9,
  result: 10,
};
const countsOne = 1 << 8;
const cellBytes = 16;

/** The cells of assembly/format.ts and, behind them, the bytes between them. */
export function placeFormat(memory: Memory, format: RowFormat): number {
  return memory.description(format, () => {
    const { cells, end } = format;
    const texts = [...cells.map((cell) => cell.before), end];
    const table = cellBytes * texts.length;
    return {
      size: table + bytesOf(texts),
      write: (to, address) => {
        const counting = countingCells(cells);
        for (const [index, place] of placesOf(texts, to, table, address).entries()) {
          const cell = cells[index];
          const kind = cell === undefined ? 0 : cellNumbers[cell.kind] | (counting[index] ? countsOne : 0);
          writeWords(to, cellBytes * index, [kind, cell?.index ?? 0, ...place]);
        }
      },
    };
  });
}

const styleNumbers = { ndjson: 0, csv: 1, tsv: 2, copy: 3 } as const;

/** The layout of assembly/lay-out.ts: which bytes stand before each cell in JSON. */
export function placeLayout(memory: Memory, layout: Layout): number {
  return memory.description(layout, () => {
    const columns = layout.style === 'ndjson' ? [] : layout.columns;
    const { cells, end } = rowFormat(columns.map((name) => ({ name, kind: 'key' })));
    const texts = [...cells.map((cell) => cell.before), end];
    const table = 4 + cellBytes * texts.length;
    return {
      size: table + bytesOf(texts),
      write: (to, address) => {
        for (const [index, place] of placesOf(texts, to, table, address).entries())
          writeWords(to, 4 + cellBytes * index, [index < cells.length ? 1 : 0, 0, ...place]);
        writeWords(to, 0, [styleNumbers[layout.style]]);
      },
    };
  });
}

/** The columns of assembly/columns.ts. */
export function placeColumns(memory: Memory, columns: Columns): number {
  return memory.description(columns, () => {
    const words = [columns.key, ...columns.values];
    return { size: words.length * 4, write: (to) => writeWords(to, 0, words) };
  });
}

const mostFields = 8;

/** The wanted keys of assembly/objects.ts. */
export function placeFields(memory: Memory, fields: Fields): number {
  return memory.description(fields, () => {
    const names = [...new Set([...fields.groups, ...fields.values])];
    if (names.length > mostFields) throw new RangeError(`${names.length} fields, at most ${mostFields}`);
    const texts = names.map((name) => Buffer.from(name));
    const numbers = [...fields.groups, ...fields.values].map((name) => names.indexOf(name));
    const table = 8 + 8 * names.length + 4 * numbers.length;
    return {
      size: table + bytesOf(texts),
      write: (to, address) => {
        const places = placesOf(texts, to, table, address).flat();
        writeWords(to, 0, [names.length, fields.groups.length, ...places, ...numbers]);
      },
    };
  });
}

const readingNumbers = { text: 0, guess: 1, decimal: 2, number: 3 } as const;
const stepWords = 16;
const noBytes = new Uint8Array();

/** The template of assembly/template.ts. The names begin with what parts them: a brace, then commas. */
export function placeTemplate(memory: Memory, template: LineTemplate): number {
  return memory.description(template, () => {
    const { prefix, steps, hasEscapes, isMissingEmpty } = template;
    const wanted = steps.map(({ value, parts }) => [value, parts[0], parts[1], parts[2]]);
    const first = wanted.flat().find((output) => output !== undefined);
    const nameOf = (output: TemplateOutput | undefined): Uint8Array =>
      output ? Buffer.concat([Buffer.from(output === first ? '{' : ','), output.name]) : noBytes;
    // Of each step the literal and the names, in the order of their places in it.
    const texts = [
      prefix,
      ...steps.flatMap(({ literal }, step) => [literal, ...(wanted[step] ?? []).map(nameOf)]),
    ];
    const table = 4 * (5 + stepWords * steps.length);
    return {
      size: table + bytesOf(texts),
      write: (to, address) => {
        const [prefixPlace = [], ...places] = placesOf(texts, to, table, address);
        const words = steps.flatMap((described, step) => {
          const { isAhead, isQuoted, isList, isStatus, isBounded = false, spaces, parts } = described;
          const hasParts = parts.some((part) => part);
          const flags = bitsOf([isAhead, isQuoted, isList, isStatus, hasParts, isBounded]);
          const [literal = [], ...names] = places.slice(5 * step, 5 * step + 5);
          const outputs = names.flatMap(([at, length], index) => {
            const reading = wanted[step]?.[index]?.reading ?? 'text';
            return [at, length, readingNumbers[reading]];
          });
          return [...literal, flags, spaces, ...outputs];
        });
        const flags = bitsOf([hasEscapes, isMissingEmpty]);
        writeWords(to, 0, [...prefixPlace, steps.length, flags, bytesOf(texts), ...words]);
      },
    };
  });
}

function bitsOf(flags: readonly boolean[]): number {
  return flags.reduce((bits, flag, index) => (flag ? bits | (1 << index) : bits), 0);
}

/** Puts texts one after another, from `start` on; address and length of each. */
function placesOf(
  texts: readonly Uint8Array[],
  to: Buffer,
  start: number,
  address: number,
): [address: number, length: number][] {
  let at = start;
  return texts.map((text) => {
    to.set(text, at);
    at += text.length;
    return [address + at - text.length, text.length];
  });
}

function bytesOf(texts: readonly Uint8Array[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function writeWords(to: Buffer, at: number, words: readonly number[]): void {
  words.forEach((word, index) => to.writeUInt32LE(word, at + 4 * index));
}
