// Hot path. `logfmt`: key=value key="a value" flag. Lines of a log mostly have the same keys in the same order, so that each key
// is compared with the one that stood there last before it is looked up.
import { FieldFormat, type Scanner } from './field-format.ts';
import type { FormatKind } from './format.ts';
import { RecordWriter } from './record-writer.ts';
import { unescape } from './unescape.ts';

type Key = { readonly bytes: Buffer; readonly slot: number };

const space = 0x20;
const quote = 0x22;
const equals = 0x3d;
const backslash = 0x5c;
/** More keys than that are data in the wrong place: they are not all kept. */
const mostKeys = 10_000;

class LogfmtScanner implements Scanner {
  readonly #writer: RecordWriter;
  #keys = new Map<string, Key>();
  /** Of the line before, in order. */
  readonly #usual: Key[] = [];

  constructor(writer: RecordWriter) {
    this.#writer = writer;
  }

  scan(bytes: Buffer, start: number, end: number): string | undefined {
    let at = start;
    let hasValue = false;
    for (let index = 0; ; index += 1) {
      while (at < end && (bytes[at] as number) <= space) at += 1;
      if (at >= end) break;
      const keyStart = at;
      for (; at < end; at += 1) {
        const byte = bytes[at] as number;
        if (byte === equals || byte <= space) break;
        if (byte === quote) return `there is a quote in a key: ${shown(bytes, keyStart, end)}`;
      }
      if (at === keyStart) return `there is no key in front of a value: ${shown(bytes, at, end)}`;
      const slot = this.#slotOf(bytes, keyStart, at, index);
      if (bytes[at] !== equals || at >= end) {
        this.#writer.addTrue(slot);
        continue;
      }
      hasValue = true;
      const valueStart = at + 1;
      if (bytes[valueStart] !== quote || valueStart >= end) {
        at = valueStart;
        while (at < end && (bytes[at] as number) > space) at += 1;
        this.#writer.add(slot, valueStart, at);
        continue;
      }
      let isEscaped = false;
      for (at = valueStart + 1; at < end && bytes[at] !== quote; at += 1) {
        if (bytes[at] !== backslash) continue;
        isEscaped = true;
        at += 1;
      }
      if (at >= end) return `a quote is not closed: ${shown(bytes, valueStart, end)}`;
      if (isEscaped && slot >= 0) this.#writer.addText(slot, unescape(bytes, valueStart + 1, at));
      else this.#writer.add(slot, valueStart + 1, at);
      at += 1;
      if (at < end && (bytes[at] as number) > space)
        return `there is something right behind a quote: ${shown(bytes, at, end)}`;
    }
    return hasValue ? undefined : 'there is no key=value in it';
  }

  #slotOf(bytes: Buffer, start: number, end: number, index: number): number {
    const usual = this.#usual[index];
    if (usual && isSame(bytes, start, end, usual.bytes)) return usual.slot;
    const name = bytes.toString('utf8', start, end);
    let key = this.#keys.get(name);
    if (!key) {
      if (this.#keys.size >= mostKeys && index === 0) {
        this.#keys = new Map();
        this.#usual.length = 0;
        this.#writer.forgetSlots();
      }
      key = { bytes: Buffer.from(name), slot: this.#writer.slot(name) };
      this.#keys.set(name, key);
    }
    if (index <= this.#usual.length) this.#usual[index] = key;
    return key.slot;
  }
}

function isSame(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  const { length } = other;
  if (end - start !== length) return false;
  for (let index = 0; index < length; index += 1) if (bytes[start + index] !== other[index]) return false;
  return true;
}

function shown(bytes: Buffer, start: number, end: number): string {
  return JSON.stringify(bytes.toString('utf8', start, Math.min(end, start + 40)));
}

export const logfmtFormat: FormatKind = {
  name: 'logfmt',
  summary: 'key=value pairs, values with spaces in double quotes; a key alone is true',
  hasFields: true,
  create(rejects, settings) {
    const writer = new RecordWriter(settings);
    return new FieldFormat(new LogfmtScanner(writer), writer, rejects);
  },
};
