// Hot path. Fields of a line → a JSON object, as bytes, without a string in between. A scanner says where the fields of a line
// are; what nobody asked for is not even looked at.
import { stringifyJson } from '../../envelope/json.ts';
import { defaultPartSize } from '../../envelope/parts.ts';
import { SluiceError } from '../../errors.ts';
import { closest } from '../../command/suggest.ts';
import type { LineTemplate } from '../../kernel/kernel.ts';
import { processKernel } from '../../kernel/load.ts';
import { isPlainNumber, numberAsJson, type FieldReading } from './field-types.ts';
import type { FormatSettings } from './format.ts';

type Slot = {
  readonly name: string;
  readonly reading: FieldReading;
  /** `"name":` */
  readonly key: Buffer;
  /** Of the line in which it was seen last. */
  record: number;
  /** Which of that line's fields it is. */
  entry: number;
};

export function hintFor(name: string, names: readonly string[]): string {
  const guess = closest(name, names);
  return guess ? `did you mean '${guess}'?` : `it has: ${names.join(', ')}`;
}

/** The slot of a field that nobody asked for. */
const unwanted = -1;

/** Where a field has no bytes of its own. */
const isNull = -1;
const isTrue = -2;
const isText = -3;
const isJson = -4;

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const smallU = 0x75;
const nullBytes = Buffer.from('null');
const trueBytes = Buffer.from('true');
/** What follows the backslash, for bytes that JSON text cannot have as they are; 1 is for \u00XX, 0 for none. */
const escapes = new Uint8Array(256);
escapes.fill(1, 0, 0x20);
for (const [byte, letter] of ['\bb', '\ff', '\nn', '\rr', '\tt', '""', '\\\\'].map((pair) =>
  Buffer.from(pair),
))
  escapes[byte as number] = letter as number;
const hexDigits = Buffer.from('0123456789abcdef');

export class RecordWriter {
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #types: FormatSettings['types'];
  readonly #slots: Slot[] = [];
  readonly #slotOf = new Map<string, number>();
  /** Slot, start and end of each field of the line at hand. */
  #entries = new Int32Array(3 * 64);
  #count = 0;
  #texts: string[] = [];
  #record = 1;
  #out = Buffer.allocUnsafe(64 * 1024);
  /** Bytes of the records that wait to be taken. */
  length = 0;
  /** How many they are. */
  records = 0;

  constructor({ fields, types }: Pick<FormatSettings, 'fields' | 'types'>) {
    this.#wanted = fields && new Set(fields);
    this.#types = types;
  }

  /** For formats whose fields are known: throws SluiceError('usage') where another is asked for. */
  check(format: string, names: readonly string[]): void {
    const [name] = this.askedBeside(names);
    if (name !== undefined)
      throw new SluiceError('usage', `${format} has no field '${name}'`, hintFor(name, names));
  }

  /** The fields that somebody asked for, or said something of, and that are none of these. */
  askedBeside(names: readonly string[]): string[] {
    return [...new Set([...(this.#wanted ?? []), ...this.#types.keys()])].filter(
      (name) => !names.includes(name),
    );
  }

  /** The number under which the field `name` is added. */
  slot(name: string, reading: FieldReading = 'guess'): number {
    if (this.#wanted && !this.#wanted.has(name)) return unwanted;
    const known = this.#slotOf.get(name);
    if (known !== undefined) return known;
    const key = Buffer.from(`${JSON.stringify(name)}:`);
    this.#slotOf.set(name, this.#slots.length);
    this.#slots.push({ name, reading: this.#types.get(name) ?? reading, key, record: 0, entry: 0 });
    return this.#slots.length - 1;
  }

  /** For who makes records elsewhere: what stands in front of the field's value, and how that is read. */
  described(slot: number): { readonly name: Buffer; readonly reading: FieldReading } {
    const { key, reading } = this.#slots[slot] as Slot;
    return { name: key, reading };
  }

  /** Adds the records of lines that the kernel can make by itself, and says how many lines and bytes those are. */
  addPlain(lines: Uint8Array, template: LineTemplate): { lines: number; consumed: number } {
    const ahead = processKernel().encodeTemplate(lines, template, defaultPartSize);
    this.#append(ahead.bytes, ahead.values);
    return ahead;
  }

  /** Adds the inside of a JSON array. */
  #append(records: Uint8Array, count: number): void {
    if (count === 0) return;
    let at = this.#room(this.length, records.length + 1);
    if (at > 0) this.#out[at++] = comma;
    this.#out.set(records, at);
    this.length = at + records.length;
    this.records += count;
  }

  /** Forgets what was added of a line. */
  begin(): void {
    this.#count = 0;
    this.#record += 1;
    if (this.#texts.length > 0) this.#texts = [];
  }

  /** The field is these bytes of the line, which are UTF-8. Of two fields with one name the last counts. */
  add(slot: number, start: number, end: number): void {
    if (slot === unwanted) return;
    const known = this.#slots[slot] as Slot;
    let entry = known.entry;
    if (known.record !== this.#record) {
      entry = this.#count;
      known.record = this.#record;
      known.entry = entry;
      this.#count = entry + 1;
      if (3 * this.#count > this.#entries.length) this.#grow();
    }
    const entries = this.#entries;
    entries[3 * entry] = slot;
    entries[3 * entry + 1] = start;
    entries[3 * entry + 2] = end;
  }

  addNull(slot: number): void {
    this.add(slot, isNull, 0);
  }

  addTrue(slot: number): void {
    this.add(slot, isTrue, 0);
  }

  /** For what does not stand in the line as it is. */
  addText(slot: number, text: string): void {
    if (slot === unwanted) return;
    this.add(slot, isText, this.#texts.length);
    this.#texts.push(text);
  }

  /** For what is neither a number nor a text. */
  addJson(slot: number, json: string): void {
    if (slot === unwanted) return;
    this.add(slot, isJson, this.#texts.length);
    this.#texts.push(json);
  }

  /** Fields have other names from now on. Before anything is added of a line. */
  forgetSlots(): void {
    this.#slots.length = 0;
    this.#slotOf.clear();
  }

  /** The line's record, or why it is none. */
  write(bytes: Uint8Array): string | undefined {
    const before = this.length;
    let at = before;
    const entries = this.#entries;
    at = this.#room(at, 2);
    this.#out[at] = openBrace;
    if (before > 0) {
      this.#out[at] = comma;
      this.#out[at + 1] = openBrace;
      at += 1;
    }
    at += 1;
    for (let entry = 0; entry < this.#count; entry += 1) {
      const slot = this.#slots[entries[3 * entry] as number] as Slot;
      const start = entries[3 * entry + 1] as number;
      const end = entries[3 * entry + 2] as number;
      const { key } = slot;
      at = this.#room(at, key.length + 16 + (start < 0 ? 0 : 6 * (end - start)));
      const out = this.#out;
      if (entry > 0) out[at++] = comma;
      for (let index = 0; index < key.length; index += 1) out[at++] = key[index] as number;
      if (start === isNull) at += nullBytes.copy(out, at);
      else if (start === isTrue) at += trueBytes.copy(out, at);
      else if (start < 0) {
        const text = this.#texts[end] as string;
        const json = start === isJson ? text : jsonOf(text, slot.reading);
        if (json === undefined) return noNumber(slot.name, text);
        at = this.#room(at, 3 * json.length + 2);
        at += this.#out.write(json, at, 'utf8');
      } else if (slot.reading === 'number') {
        const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
        const json = jsonOf(text, 'number');
        if (json === undefined) return noNumber(slot.name, text);
        at += out.write(json, at, 'latin1');
      } else if (slot.reading !== 'text' && isPlainNumber(bytes, start, end, slot.reading === 'guess'))
        for (let from = start; from < end; from += 1) out[at++] = bytes[from] as number;
      else at = writeText(out, at, bytes, start, end);
    }
    at = this.#room(at, 1);
    this.#out[at] = closeBrace;
    this.length = at + 1;
    this.records += 1;
    return undefined;
  }

  /** The records since the last call, as the inside of a JSON array. */
  take(): { payload: Buffer; count: number } {
    const taken = { payload: Buffer.from(this.#out.subarray(0, this.length)), count: this.records };
    this.length = 0;
    this.records = 0;
    return taken;
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#entries.length);
    grown.set(this.#entries);
    this.#entries = grown;
  }

  /** Sees to it that `more` bytes have room behind `at`. */
  #room(at: number, more: number): number {
    if (at + more > this.#out.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#out.length, at + more));
      this.#out.copy(grown, 0, 0, at);
      this.#out = grown;
    }
    return at;
  }
}

function writeText(out: Uint8Array, to: number, bytes: Uint8Array, start: number, end: number): number {
  let at = to;
  out[at++] = quote;
  for (let from = start; from < end; from += 1) {
    const byte = bytes[from] as number;
    const escape = escapes[byte] as number;
    if (escape === 0) {
      out[at++] = byte;
      continue;
    }
    out[at++] = backslash;
    if (escape > 1) {
      out[at++] = escape;
      continue;
    }
    out[at++] = smallU;
    out[at++] = hexDigits[0] as number;
    out[at++] = hexDigits[0] as number;
    out[at++] = hexDigits[byte >> 4] as number;
    out[at++] = hexDigits[byte & 15] as number;
  }
  out[at++] = quote;
  return at;
}

/** Undefined where a number is wanted and this is none. */
function jsonOf(text: string, reading: FieldReading): string | undefined {
  if (reading === 'number') return text === '' || text === '-' ? 'null' : numberAsJson(text);
  if (reading !== 'text' && /^[-\d]/.test(text)) {
    const bytes = Buffer.from(text);
    if (isPlainNumber(bytes, 0, bytes.length, reading === 'guess')) return text;
  }
  return stringifyJson(text);
}

function noNumber(name: string, text: string): string {
  return `its ${name} is no number: ${JSON.stringify(text.slice(0, 60))}`;
}
