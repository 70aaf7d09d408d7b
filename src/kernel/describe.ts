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
        let at = table;
        texts.forEach((text, index) => {
          const cell = cells[index];
          const kind = cell === undefined ? 0 : cellNumbers[cell.kind] | (counting[index] ? countsOne : 0);
          writeWords(to, cellBytes * index, [kind, cell?.index ?? 0, address + at, text.length]);
          to.set(text, at);
          at += text.length;
        });
      },
    };
  });
}

const styleNumbers = { ndjson: 0, csv: 1, tsv: 2 } as const;

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
        let at = table;
        texts.forEach((text, index) => {
          const isCell = index < cells.length ? 1 : 0;
          writeWords(to, 4 + cellBytes * index, [isCell, 0, address + at, text.length]);
          to.set(text, at);
          at += text.length;
        });
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
        let at = table;
        const places = texts.flatMap((text) => {
          to.set(text, at);
          at += text.length;
          return [address + at - text.length, text.length];
        });
        writeWords(to, 0, [names.length, fields.groups.length, ...places, ...numbers]);
      },
    };
  });
}

const readingNumbers = { text: 0, guess: 1, decimal: 2, number: 3 } as const;
const stepWords = 16;

/** The template of assembly/template.ts. The names begin with what parts them: a brace, then commas. */
export function placeTemplate(memory: Memory, template: LineTemplate): number {
  return memory.description(template, () => {
    const { prefix, steps, hasEscapes, isMissingEmpty } = template;
    const texts = [prefix];
    const placeOf = (text: Uint8Array): [number, number] => [texts.push(text) - 1, text.length];
    let opening = '{';
    const output = (wanted: TemplateOutput | undefined): number[] => {
      if (!wanted) return [0, 0, 0];
      const name = Buffer.concat([Buffer.from(opening), wanted.name]);
      opening = ',';
      return [...placeOf(name), readingNumbers[wanted.reading]];
    };
    const words = steps.flatMap((step) => {
      const { literal, isAhead, isQuoted, isList, isStatus, spaces, value, parts } = step;
      const flags = [isAhead, isQuoted, isList, isStatus, parts.some((part) => part)];
      const outputs = [value, parts[0], parts[1], parts[2]].flatMap(output);
      return [...placeOf(literal), bitsOf(flags), spaces, ...outputs];
    });
    const table = 4 * (5 + stepWords * steps.length);
    return {
      size: table + bytesOf(texts),
      write: (to, address) => {
        let at = table;
        const places = texts.map((text) => {
          to.set(text, at);
          at += text.length;
          return address + at - text.length;
        });
        const isPlace = (word: number): boolean => word === 0 || (word > 3 && (word - 4) % 3 === 0);
        const placed = words.map((word, index) => (isPlace(index % stepWords) ? (places[word] ?? 0) : word));
        const flags = bitsOf([hasEscapes, isMissingEmpty]);
        writeWords(to, 0, [places[0] ?? 0, prefix.length, steps.length, flags, bytesOf(texts), ...placed]);
      },
    };
  });
}

function bitsOf(flags: readonly boolean[]): number {
  return flags.reduce((bits, flag, index) => (flag ? bits | (1 << index) : bits), 0);
}

function bytesOf(texts: readonly Uint8Array[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function writeWords(to: Buffer, at: number, words: readonly number[]): void {
  words.forEach((word, index) => to.writeUInt32LE(word, at + 4 * index));
}
