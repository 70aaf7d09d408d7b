// Hot path. `csv` (RFC 4180) and `tsv`. Each source has a heading of its own, unless --header names the columns.
import { SluiceError } from '../../errors.ts';
import type { LineTemplate } from '../../kernel/kernel.ts';
import type { Joining } from '../joining.ts';
import { FieldFormat, type Scanner } from './field-format.ts';
import type { Format, FormatKind, FormatSettings } from './format.ts';
import type { Rejects } from '../../stage/rejects.ts';
import type { Closing } from '../../stage/stage.ts';
import { hintFor, RecordWriter } from './record-writer.ts';

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;

/** With quotes as RFC 4180 has them, or with escapes. */
type Dialect = { readonly separator: string; readonly hasQuotes: boolean };

const usualSeparators = [
  [';', "'csv:;'"],
  ['\t', 'tsv'],
  ['|', "'csv:|'"],
  [',', 'csv'],
] as const;

class DelimitedScanner implements Scanner {
  readonly #writer: RecordWriter;
  readonly #separator: number;
  readonly #hasQuotes: boolean;
  readonly #header: string | undefined;
  readonly #tell: FormatSettings['tell'];
  readonly #isOnlySource: boolean;
  /** The columns of the first heading, and what was asked for and no heading has had. */
  #columns: readonly string[] = [];
  #missing: readonly string[] | undefined;
  #slots: readonly number[] | undefined;
  /** Lines without quotes and escapes, for the kernel; the names are those that it was made for. */
  #plain: { readonly names: string; readonly template: LineTemplate | undefined } | undefined;

  constructor(
    writer: RecordWriter,
    { separator, hasQuotes }: Dialect,
    { header, tell, isOnlySource }: Pick<FormatSettings, 'header' | 'tell' | 'isOnlySource'>,
  ) {
    this.#writer = writer;
    this.#separator = separator.charCodeAt(0);
    this.#hasQuotes = hasQuotes;
    this.#tell = tell;
    this.#isOnlySource = isOnlySource ?? false;
    this.#header = header?.join(separator);
    if (header) this.#name(header);
  }

  #name(names: readonly string[]): void {
    this.#writer.forgetSlots();
    const seen = new Set<string>();
    for (const [index, name] of names.entries()) {
      let unique = name === '' ? `column_${index + 1}` : name;
      for (let number = 2; seen.has(unique); number += 1) unique = `${name}_${number}`;
      seen.add(unique);
    }
    const columns = [...seen];
    if (this.#isOnlySource) this.#writer.check('the heading', columns);
    if (!this.#missing) this.#columns = columns;
    const missing = this.#writer.askedBeside(columns);
    this.#missing = (this.#missing ?? missing).filter((name) => missing.includes(name));
    this.#slots = columns.map((column) => this.#writer.slot(column));
    const known = JSON.stringify(names);
    // What the kernel is told of a template stays in its memory.
    if (this.#plain?.names !== known) this.#plain = { names: known, template: this.#templateOf(this.#slots) };
  }

  /** Files may have other columns each; what none of them has is a slip. */
  warnings(): Closing['warnings'] {
    return (this.#missing ?? []).map((name) => ({
      message: `no heading has a column '${name}'`,
      hint: hintFor(name, this.#columns).replace(/^it has/, 'the first one has'),
    }));
  }

  /** Up to the first line with a quote. */
  scanAhead(lines: Buffer): { lines: number; consumed: number } {
    const template = this.#slots && this.#plain?.template;
    const first = this.#hasQuotes ? lines.indexOf(quote) : -1;
    const plain = first === -1 ? lines : lines.subarray(0, lines.lastIndexOf(newline, first) + 1);
    if (!template || plain.length === 0) return { lines: 0, consumed: 0 };
    return this.#writer.addPlain(plain, template);
  }

  /** Undefined where it would have nothing to do, or nothing between two fields. */
  #templateOf(slots: readonly number[]): LineTemplate | undefined {
    if (slots.length < 2 || slots.every((slot) => slot < 0)) return undefined;
    const separator = Buffer.of(this.#separator);
    return {
      prefix: Buffer.alloc(0),
      hasEscapes: !this.#hasQuotes,
      isMissingEmpty: true,
      steps: slots.map((slot, index) => ({
        literal: index < slots.length - 1 ? separator : Buffer.alloc(0),
        isBounded: index === slots.length - 1,
        isAhead: false,
        isQuoted: false,
        isList: false,
        isStatus: false,
        spaces: 0,
        value: slot < 0 ? undefined : this.#writer.described(slot),
        parts: [],
      })),
    };
  }

  /** Of a file whose columns are named already the first line is a heading where it says the same. */
  heading(line: Buffer): boolean {
    const text = line.toString('utf8');
    if (this.#header !== undefined) return text === this.#header;
    const names: string[] = [];
    // Whatever comes of it, the columns are no longer those of the file before.
    this.#slots = undefined;
    const fault = this.#split(line, 0, line.length, (_, start, end, isEscaped) =>
      names.push(isEscaped ? this.#unescaped(line, start, end) : line.toString('utf8', start, end)),
    );
    if (fault !== undefined) return false;
    if (names.length === 1) this.#tellOfOne(names[0] as string);
    this.#name(names);
    return true;
  }

  /** Most likely it is parted by something else. */
  #tellOfOne(heading: string): void {
    for (const [separator, format] of usualSeparators) {
      const count = heading.split(separator).length;
      if (count > 1)
        return this.#tell?.(`the heading is one column: --format ${format} would make ${count} of it`);
    }
  }

  scan(bytes: Buffer, start: number, end: number): string | undefined {
    const slots = this.#slots;
    if (!slots) return 'there is no heading that names its columns';
    const writer = this.#writer;
    let count = 0;
    const fault = this.#split(bytes, start, end, (index, from, until, isEscaped, isQuoted) => {
      count = index + 1;
      const slot = slots[index] ?? -1;
      if (slot < 0) return;
      if (isEscaped) writer.addText(slot, this.#unescaped(bytes, from, until));
      else if (from === until && !isQuoted) writer.addNull(slot);
      else writer.add(slot, from, until);
    });
    if (fault !== undefined || count === slots.length) return fault;
    return `it has ${count} ${count === 1 ? 'value' : 'values'} for ${slots.length} columns`;
  }

  #split(
    bytes: Buffer,
    start: number,
    end: number,
    each: (index: number, from: number, until: number, isEscaped: boolean, isQuoted: boolean) => void,
  ): string | undefined {
    const separator = this.#separator;
    let at = start;
    for (let index = 0; ; index += 1) {
      let isEscaped = false;
      if (this.#hasQuotes && at < end && bytes[at] === quote) {
        const from = at + 1;
        for (at = from; at < end; at += 1) {
          if (bytes[at] !== quote) continue;
          if (at + 1 >= end || bytes[at + 1] !== quote) break;
          isEscaped = true;
          at += 1;
        }
        if (at >= end) return `the quote of value ${index + 1} is not closed`;
        each(index, from, at, isEscaped, true);
        at += 1;
        if (at < end && bytes[at] !== separator)
          return `there is something behind the quote of value ${index + 1}`;
      } else {
        const from = at;
        for (; at < end && bytes[at] !== separator; at += 1) {
          const byte = bytes[at];
          if (byte === quote && this.#hasQuotes) return `there is a quote within value ${index + 1}`;
          if (byte === backslash && !this.#hasQuotes) isEscaped = true;
        }
        each(index, from, at, isEscaped, false);
      }
      if (at >= end) return undefined;
      at += 1;
    }
  }

  #unescaped(bytes: Buffer, start: number, end: number): string {
    const text = bytes.toString('utf8', start, end);
    return this.#hasQuotes
      ? text.replaceAll('""', '"')
      : text.replace(/\\([tnr\\])/g, (_, letter: string) => tabEscapes[letter] ?? '\\');
  }
}

/** A line end in quotes is part of a value. */
class QuotedLineEnds implements Joining {
  isOpen = false;
  readonly needsEnd = true;

  continues(bytes: Buffer, start: number, end: number): boolean {
    const wasOpen = this.isOpen;
    for (let at = start; at < end; at += 1) if (bytes[at] === quote) this.isOpen = !this.isOpen;
    return wasOpen;
  }

  areSingle(lines: Buffer): boolean {
    return !lines.includes(quote);
  }

  reset(): void {
    this.isOpen = false;
  }
}

const delimited = { hasFields: true, hasHeading: true, isOneLine: true };
const tabEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };

export const csvFormat: FormatKind = {
  name: 'csv',
  argument: 'SEPARATOR',
  isArgumentOptional: true,
  summary:
    "values with commas between them, or with another character: 'csv:;'; in double quotes where need be; the first line of each file names them, or --header does",
  ...delimited,
  create: (rejects, settings) =>
    formatOf({ separator: separatorOf(settings.argument), hasQuotes: true }, rejects, settings),
};

export const tsvFormat: FormatKind = {
  name: 'tsv',
  summary: 'as csv with tabs, without quotes: \\t, \\n and \\\\ are escapes',
  ...delimited,
  create: (rejects, settings) => formatOf({ separator: '\t', hasQuotes: false }, rejects, settings),
};

/** Throws SluiceError('usage'). */
function separatorOf(argument: string): string {
  const separator = argument === '' ? ',' : argument === '\\t' ? '\t' : argument;
  if (/^[^"\r\n\u0080-\uffff]$/.test(separator)) return separator;
  throw new SluiceError(
    'usage',
    `--format csv: its separator is one character of ASCII, and no quote: '${argument}'`,
    "as in --format 'csv:;', or 'csv:\\t' for a tab",
  );
}

function formatOf(dialect: Dialect, rejects: Rejects, settings: FormatSettings): Format {
  const writer = new RecordWriter(settings);
  if (settings.header) writer.check('--header', settings.header);
  const scanner = new DelimitedScanner(writer, dialect, settings);
  const joining = dialect.hasQuotes ? new QuotedLineEnds() : undefined;
  return new FieldFormat(scanner, writer, rejects, joining);
}
