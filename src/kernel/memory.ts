// The memory of one kernel instance as seen from JavaScript: an area for input, one for output.
// Views are made anew for each use, because every growth of the memory cuts the old ones off.

interface Counter {
  readonly value: number;
}

/** What assembly/index.ts exports; addresses and sizes are u32, passed and returned as i32. */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocate(bytes: number): number;
  release(block: number, bytes: number): void;
  setSeed(low: number, high: number): void;
  createTable(values: number, maxKeys: number, hasExtremes: number): number;
  clearTable(table: number): void;
  freeTable(table: number): void;
  sizeOf(table: number): number;
  hasOverflow(table: number): number;
  groupOf(table: number, at: number, length: number): number;
  entryOfGroup(table: number, group: number): number;
  keyOf(entry: number): number;
  lengthOf(entry: number): number;
  valueOf(table: number, entry: number, index: number): number;
  countGroup(table: number, group: number, times: number): void;
  addToGroup(table: number, group: number, value: number, number: number): void;
  encodeLines(
    at: number,
    length: number,
    out: number,
    capacity: number,
    most: number,
    following: number,
  ): void;
  encodeValues(at: number, length: number, out: number): number;
  encodeTemplate(template: number, at: number, length: number, out: number, capacity: number): number;
  countWords(table: number, at: number, length: number): void;
  countPayload(table: number, at: number, length: number): number;
  addRows(table: number, cells: number, at: number, length: number): number;
  addLines(table: number, columns: number, at: number, length: number): void;
  addStrings(table: number, columns: number, at: number, length: number): number;
  addObjects(table: number, keys: number, at: number, length: number, isArray: number): number;
  readValues(count: number, listed: number, ends: number): void;
  listAt(): number;
  listBytes(): number;
  orderTable(table: number): void;
  hasPlainRows(table: number, isJson: number): number;
  resultsOf(table: number, each: number): number;
  writeRows(
    table: number,
    cells: number,
    row: number,
    out: number,
    capacity: number,
    following: number,
  ): void;
  layOutRows(
    layout: number,
    at: number,
    length: number,
    opening: number,
    openingLength: number,
    most: number,
    out: number,
  ): number;
  exportBytes(table: number): number;
  exportTable(table: number, out: number): number;
  absorbRows(
    table: number,
    at: number,
    length: number,
    most: number,
    groups: number,
    isOverflow: number,
  ): void;
  mergeTable(table: number, other: number, groups: number): void;
  enterTable(table: number, other: number, groups: number): number;
  leaveTable(table: number, before: number): number;
  exportEntered(table: number, place: number, out: number): number;
  readonly records: Counter;
  readonly consumed: Counter;
  readonly produced: Counter;
  readonly damaged: Counter;
  readonly faultOffset: Counter;
  readonly faultRecord: Counter;
}

/** The loops load up to 80 bytes past the end of their input and write up to 32 past their output's. */
const slack = 128;

/** How many bytes it takes, and what puts them to an address. */
export type Description = {
  readonly size: number;
  readonly write: (to: Buffer, address: number) => void;
};

export class Memory {
  readonly exports: Exports;
  #input = 0;
  #inputBytes = 0;
  #output = 0;
  #outputBytes = 0;
  readonly #descriptions = new WeakMap<object, number>();

  constructor(exports: Exports) {
    this.exports = exports;
  }

  view(at: number, length: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, at, length);
  }

  latin1(at: number, length: number): string {
    return Buffer.from(this.exports.memory.buffer, at, length).toString('latin1');
  }

  data(): DataView {
    return new DataView(this.exports.memory.buffer);
  }

  words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.exports.memory.buffer, at, length);
  }

  inputArea(length: number): Uint8Array {
    if (length + slack > this.#inputBytes) {
      if (this.#input !== 0) this.exports.release(this.#input, this.#inputBytes);
      this.#inputBytes = length + slack;
      this.#input = this.exports.allocate(this.#inputBytes) >>> 0;
    }
    return this.view(this.#input, length);
  }

  outputArea(length: number): number {
    if (length + slack > this.#outputBytes) {
      if (this.#output !== 0) this.exports.release(this.#output, this.#outputBytes);
      this.#outputBytes = length + slack;
      this.#output = this.exports.allocate(this.#outputBytes) >>> 0;
    }
    return this.#output;
  }

  /** The address of the bytes in this memory, where they are copied to unless they are in `inputArea`. */
  place(bytes: Uint8Array): number {
    const at = bytes.byteOffset;
    const isInside = bytes.buffer === this.exports.memory.buffer;
    if (isInside && at >= this.#input && at + bytes.length + slack <= this.#input + this.#inputBytes)
      return at;
    this.inputArea(bytes.length).set(bytes);
    return this.#input;
  }

  /** The addresses of some bytes and of others behind them. */
  placeTwo(bytes: Uint8Array, others: Uint8Array): { at: number; behind: number } {
    const area = this.inputArea(bytes.length + slack + others.length);
    area.set(bytes);
    area.set(others, bytes.length + slack);
    return { at: this.#input, behind: this.#input + bytes.length + slack };
  }

  /**
   * The address of what describes a job (a format, columns, fields), written on first use. It stays as
   * long as this memory; a job has a few of them.
   */
  description(of: object, describe: () => Description): number {
    const known = this.#descriptions.get(of);
    if (known !== undefined) return known;
    const { size, write } = describe();
    const block = this.exports.allocate(size + slack) >>> 0;
    write(Buffer.from(this.exports.memory.buffer, block, size), block);
    this.#descriptions.set(of, block);
    return block;
  }

  text(at: number, length: number): string {
    return Buffer.from(this.exports.memory.buffer, at >>> 0, length).toString();
  }

  writeText(text: string, to: number): number {
    return Buffer.from(this.exports.memory.buffer, to >>> 0).write(text);
  }
}
