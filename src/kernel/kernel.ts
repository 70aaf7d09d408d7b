// What the kernel can do: the hot loops between bytes of text, payloads of envelopes, and keyed rows.
// Implemented twice, by wasm.ts (compiled from assembly/) and by twin.ts (plain, the oracle of the
// tests); load.ts picks one. Everything here works on bytes; nothing is decoded to JavaScript strings.

/** The hot loops. One kernel has one memory; each worker thread makes its own. */
export interface Kernel {
  readonly kind: 'wasm' | 'ts';
  /**
   * A place to read input into, so that it need not be copied on its way into the kernel: pass a
   * subarray of it to any function. Good until the next call of `input`.
   */
  input(length: number): Uint8Array;
  /**
   * Lines of text → the inside of a JSON array of strings: `a b\nc` → `"a b","c"`. A line ends with \n,
   * \r\n or the end of the input, so pass only complete lines. The bytes are those of JSON.stringify.
   * What is not valid UTF-8 becomes U+FFFD as in TextDecoder; a byte order mark is kept.
   */
  encodeLines(lines: Uint8Array, settings: EncodeSettings): EncodedLines;
  /**
   * Lines of JSON → the inside of a JSON array, each value in its own bytes: ` {"a": 1}\n\n2` → `{"a": 1},2`. Blank lines
   * are passed over. Stops ahead of the first line that JSON.parse would refuse, or that it would read differently for
   * not being valid UTF-8; how far it came is in the result.
   */
  encodeValues(lines: Uint8Array): EncodedValues;
  /**
   * Lines that a template describes → the inside of a JSON array of objects. Empty lines are passed over. Stops ahead of the first
   * line that is not plain: that does not fit the template, or has an escape or a long number in what is wanted; the caller
   * does that one. The twin does none.
   */
  encodeTemplate(lines: Uint8Array, template: LineTemplate, capacity: number): EncodedValues;
  createTable(settings?: TableSettings): Table;
  /**
   * Rows of JSON, the inside of an array, → lines of text, as far as they are spelled as `rows` spells them; the first
   * that is not, and what follows, is left to the caller. At most `most` rows; each line begins with `opening`.
   */
  layOutRows(rows: Uint8Array, most: number, layout: Layout, opening: Uint8Array): LaidOutRows;
  /** Whether integers beyond 2^53 were read, and so rounded, since the last call. */
  takeRounded(): boolean;
}

export interface EncodeSettings {
  /** At most so many bytes of output. A first line that alone is longer gives no line at all. */
  readonly capacity: number;
  /** At most so many lines. */
  readonly most?: number;
  /** The output goes on an array that has elements already: begin with a comma. */
  readonly following?: boolean;
}

export interface EncodedLines {
  /** Memory of the kernel, good until its next call: write it out or copy it. */
  readonly bytes: Uint8Array;
  readonly lines: number;
  /** Bytes of input used up; the rest goes into the next call. */
  readonly consumed: number;
  /** Lines that were not valid UTF-8. */
  readonly damaged: number;
}

export interface EncodedValues {
  /** Memory of the kernel, good until its next call. */
  readonly bytes: Uint8Array;
  readonly values: number;
  /** Lines used up, and their bytes. */
  readonly lines: number;
  readonly consumed: number;
}

/** Literal text and fields in turn. */
export interface LineTemplate {
  /** What each line begins with. */
  readonly prefix: Uint8Array;
  readonly steps: readonly TemplateStep[];
  /** Whether values have escapes with a backslash. */
  readonly hasEscapes: boolean;
  /** No value is no bytes, and not a dash. */
  readonly isMissingEmpty: boolean;
}

/** A field, and what of it is wanted. */
interface TemplateStep {
  /** What is behind it; empty for the end of the line. */
  readonly literal: Uint8Array;
  /** The literal is where the next field begins, and part of that. */
  readonly isAhead: boolean;
  readonly isQuoted: boolean;
  /** Values with `, ` or ` : ` between them are one. */
  readonly isList: boolean;
  /** It begins with a digit or is a dash. */
  readonly isStatus: boolean;
  /** The last field, which ends where the line does, has nothing in it that the literal behind the first one begins with. */
  readonly isBounded?: boolean;
  /** So many spaces belong to it. */
  readonly spaces: number;
  readonly value: TemplateOutput | undefined;
  /** Method, path and protocol of a request, in this order; none where it is no request or none of them is wanted. */
  readonly parts: readonly (TemplateOutput | undefined)[];
}

export interface TemplateOutput {
  /** The bytes in front of the value, from its name to the colon. */
  readonly name: Uint8Array;
  readonly reading: 'text' | 'guess' | 'decimal' | 'number';
}

/** How rows become lines. */
export type Layout =
  | {
      /** Each object as it is. Where there is an opening, it begins the object in place of the brace: `{"a":1`. */
      readonly style: 'ndjson';
    }
  | {
      /** `copy` is the text format of PostgreSQL's COPY: TSV in which null is not empty but `\N`. */
      readonly style: 'csv' | 'tsv' | 'copy';
      /** The members' names, which have to come in this order. */
      readonly columns: readonly string[];
    };

export interface LaidOutRows {
  /** Memory of the kernel, good until its next call. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Bytes of input used up, with the comma behind the last row. */
  readonly consumed: number;
}

export interface TableSettings {
  /** Further keys beyond so many are counted together in one overflow group. */
  readonly maxKeys?: number;
  /** How many numbers each group keeps besides its count, each as count, sum, least, greatest. */
  readonly values?: number;
  /** Whether the least and the greatest are kept; true unless told otherwise. Without them tables are smaller, and they read ±Infinity. */
  readonly hasExtremes?: boolean;
  /** How many numbers are read of each record: first those that are kept, and unless told no others. */
  readonly read?: number;
  /** Those of the first 32 values whose numbers are listed one by one as well, for what is not kept here. */
  readonly listed?: readonly number[];
  /** Whether `addObjects` lists where each record ends. */
  readonly ends?: boolean;
}

/** Byte-string keys → groups, numbered from 0 in the order first seen. */
export interface Table extends Counting, Adding, Entering, Groups, Rows {
  /** Those included that count nothing since others left: they have numbers, but no row. */
  readonly size: number;
  /** Whether there is an overflow group. Its key reads `_other`, but it is not the key `_other`. */
  readonly overflowed: boolean;
  /** Forgets all groups. */
  clear(): void;
  /** Gives the memory back; the table must not be used again. */
  free(): void;
}

/** Readers of input. What comes before a fault stays counted. */
interface Counting {
  /** Counts each word of raw text; any ASCII white space parts words, line ends too. */
  countWords(text: Uint8Array): void;
  /** Counts each word in the strings of a payload `"a b","c"`, the inside of a JSON array. */
  countPayload(payload: Uint8Array): Reading;
  /**
   * Adds rows that `rows` wrote with the same format. At a fault 'not-canonical' the rows before its
   * offset are added, and what begins there has to be read with JSON.parse.
   */
  addRows(rows: Uint8Array, format: RowFormat): Reading;
}

/** Readers that group records by some of their fields and add up the numbers in others. */
interface Adding {
  /** Each line of raw text is a record. Empty lines are records too, with a key of no bytes. */
  addLines(text: Uint8Array, columns: Columns): Tally;
  /** Each string of a payload is a record; a line end in a string is white space like any other. */
  addStrings(payload: Uint8Array, columns: Columns): Tally;
  /**
   * Each object is a record, one per line or one per element of the inside of a JSON array. Blank lines
   * are none. A fault's offset is that of its record, of which nothing is added.
   */
  addObjects(input: Uint8Array, fields: Fields, layout: 'lines' | 'array'): Tally;
  /** Numbers of listed values, in the order that the last call of these read them. `each` must not use the kernel. */
  forEachListed(each: (group: number, value: number, number: number) => void): void;
  /** Group and end of each record, in bytes of the input made valid: at its comma, or where the input ends. As above, for a table that lists `ends`. */
  forEachEnd(each: (group: number, end: number) => void): void;
}

/** Columns parted by white space, counted from 1, as awk's $1, $2. */
export interface Columns {
  /** Groups by the bytes of this column, none where a line has none or `-`; 0 makes one group of all. */
  readonly key: number;
  /** The column of each value that the table reads. `-` and a missing column are no value. */
  readonly values: readonly number[];
}

/**
 * Top-level keys of JSON objects, at most eight different ones. Of a key that comes twice the last counts.
 * The group's key is made of the JSON texts of the values as JSON.stringify spells them, missing ones as
 * null, with zero bytes between: 1 and "1" are different. Rows write it with cells of kind 'part'.
 */
export interface Fields {
  readonly groups: readonly string[];
  /** The key of each value that the table reads. Null and missing are no value. */
  readonly values: readonly string[];
}

export interface Tally extends Reading {
  /** Values that should have been numbers and are something else; they are left out. */
  readonly notNumbers: number;
}

export interface Reading {
  /** Strings, lines or rows gone through; only up to the fault if there is one. */
  readonly records: number;
  readonly fault?: Fault;
}

interface Fault {
  readonly kind: FaultKind;
  /** In bytes of the input; of the input made valid, where it was not valid UTF-8. */
  readonly offset: number;
  /** The record that it is in, from 0. */
  readonly record: number;
}

export type FaultKind = 'not-string' | 'malformed' | 'not-canonical' | 'not-object' | 'too-deep';

/** One group at a time, for reductions that read their records elsewhere. */
interface Groups {
  /** Finds or makes the group of a key; −1 is the overflow group. */
  groupOf(key: Uint8Array): number;
  count(group: number, times: number): void;
  add(group: number, value: number, number: number): void;
  group(group: number): Group;
  /** A group's key, a character per byte (latin1). */
  keyText(group: number): string;
}

export interface Group {
  readonly key: Uint8Array;
  readonly count: number;
  readonly values: readonly GroupValue[];
}

export interface GroupValue {
  readonly count: number;
  /** By Neumaier's summation: rounding errors do not add up. */
  readonly sum: number;
  /** What the sum has lost to rounding: together they have twice a double's digits. */
  readonly lost: number;
  /** Infinity while there is no number. */
  readonly least: number;
  readonly greatest: number;
}

/** Whole tables on their way out, or to another thread. */
interface Rows {
  /** Puts the groups in the order of their keys' bytes, for `rows`, until a new key comes. */
  order(): void;
  /**
   * Whether the order of keys as bytes is that of the texts they stand for, no key stands for a missing column, sums are
   * within 2^53 and there is no overflow group. `isJson`: keys are made of JSON texts, as of `Fields`.
   */
  hasPlainRows(isJson: boolean): boolean;
  /**
   * Numbers worked out elsewhere for cells of kind 'result', good until groups come or go: as many for each group, in the
   * groups' order; NaN for none, which is null.
   */
  setResults(results: Float64Array): void;
  /** Writes rows from number `row` on, as many as fit; the overflow group comes last. */
  rows(format: RowFormat, row: number, capacity: number, following?: boolean): EncodedRows;
  /** The table as bytes, to be transferred to another thread and absorbed there. */
  export(): ArrayBuffer;
  /**
   * Adds the groups of an exported table; it must have as many values. Returns which group each of them is here, in the order
   * that they were numbered there; ahead of them -1 for an overflow group. Memory of the kernel, good until its next call.
   */
  absorb(exported: ArrayBuffer): Uint32Array;
  /** The same with a table of the same kernel, which stays as it is; an overflow group is not in what is returned. */
  merge(other: Table): Uint32Array;
}

/** Tables that come and go: what a window that slides is made of. */
interface Entering {
  /** Adds a table of the same kernel like `merge`, so that it can be taken away again. It need not stay: its keys are found here. */
  enter(other: Table): Entered;
  /**
   * Takes away what entered first and has not left, all that entered being exact. Groups that count nothing then stay, without a row, until
   * they are more than half of all. Then they are removed, and the others are numbered anew, in the same order: returns what each that
   * is left was numbered before, else undefined; memory of the kernel, good until its next call. Least and greatest of the values mean
   * nothing afterwards.
   */
  leave(): Uint32Array | undefined;
  /** What entered as number `place` of all that has not left, as it exported itself, all of it being exact. */
  exportEntered(place: number): ArrayBuffer;
}

export interface Entered {
  readonly groups: Uint32Array;
  /**
   * The largest sum of what entered, signs aside, where every one is an integer up to 2^53 that was added up without
   * rounding; Infinity where one is not, or where there is an overflow group.
   */
  readonly bound: number;
}

export interface EncodedRows {
  /** Memory of the kernel, good until its next call. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** The row to go on with. */
  readonly next: number;
  readonly done: boolean;
}

/** How rows are written and read back: bytes before each cell, and those after the last. */
export interface RowFormat {
  readonly cells: readonly Cell[];
  readonly end: Uint8Array;
}

export interface Cell {
  readonly before: Uint8Array;
  readonly kind: CellKind;
  /** Which part of the key, or which value. */
  readonly index: number;
}

/** 'total' is the sum, and 0 where 'sum' is null; 'result' is what `setResults` says; they are not read back. 'key' is the whole key as a JSON string; 'part' a JSON text out of a key made of several. */
export type CellKind =
  | 'key'
  | 'part'
  | 'count'
  | 'value-count'
  | 'sum'
  | 'least'
  | 'greatest'
  | 'average'
  | 'total'
  | 'result';
