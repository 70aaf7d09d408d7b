// Messages, which may have line ends in them and headers beside them, as lines: so they go the way of all lines, also into the log
// of a job. A message without either is its line as it stands; what is special in others stands behind an escape character that
// texts do not have.
import type { Encoded, Format, PlaceOf } from '../formats/format.ts';
import { behindMeta, encodeOne } from '../one-by-one.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
/** "Data link escape". */
const escape = 0x10;
const codes: Readonly<Record<number, number>> = { [newline]: 0x6e, [carriageReturn]: 0x72, [escape]: 0x65 };
const bytesOf = new Map(Object.entries(codes).map(([byte, code]) => [code, Number(byte)]));
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
/** Behind the headers, which stand in front of the message as JSON. */
const endOfHeaders = 0x68;

/** Messages side by side. */
export class MessageLines {
  #bytes: Buffer;
  length = 0;

  /** Of about so many bytes. */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size + 16);
  }

  /** The bytes from `start` to `end` as a line, or as the rest of one that begins with headers. */
  add(bytes: Buffer, start: number, end: number): void {
    let at = this.#room(end - start + 1);
    const isPlain = !hasSpecial(bytes, start, end);
    if (isPlain) at += bytes.copy(this.#bytes, at, start, end);
    else at = this.#addEscaped(bytes, start, end);
    this.#bytes[at] = newline;
    this.length = at + 1;
  }

  /** Headers are those of the message that is added next. */
  beginHeaders(): void {
    this.#put(openBrace);
  }

  /** What stands there is a name, or the value of the name before. */
  addHeader(bytes: Buffer, start: number, end: number, isName: boolean): void {
    if (!isName) this.#put(colon);
    else if (this.#bytes[this.length - 1] !== openBrace) this.#put(comma);
    let at = this.#room(end - start + 2);
    const out = this.#bytes;
    out[at++] = quote;
    for (let from = start; from < end; from += 1) {
      const byte = bytes[from] as number;
      if (byte < 0x20 || byte > 0x7e || byte === quote || byte === backslash)
        return this.#addText(bytes.toString('utf8', start, end));
      out[at++] = byte;
    }
    out[at] = quote;
    this.length = at + 1;
  }

  endHeaders(): void {
    this.#put(closeBrace);
    this.#put(escape);
    this.#put(endOfHeaders);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  #addText(text: string): void {
    const json = JSON.stringify(text);
    const at = this.#room(3 * json.length);
    this.length = at + this.#bytes.write(json, at, 'utf8');
  }

  #put(byte: number): void {
    const at = this.#room(1);
    this.#bytes[at] = byte;
    this.length = at + 1;
  }

  #addEscaped(bytes: Buffer, start: number, end: number): number {
    let at = this.#room(2 * (end - start) + 1);
    for (let from = start; from < end; from += 1) {
      const byte = bytes[from] as number;
      const code = codes[byte];
      if (code !== undefined) this.#bytes[at++] = escape;
      this.#bytes[at++] = code ?? byte;
    }
    return at;
  }

  #room(more: number): number {
    const least = this.length + more;
    if (least > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, least));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
    }
    return this.length;
  }
}

function hasSpecial(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte === newline || byte === carriageReturn || byte === escape) return true;
  }
  return false;
}

/** Headers, as JSON where there are any, and the message with a newline behind it. */
export function parseMessage(line: Buffer): { headers: string | undefined; message: Buffer } {
  if (!line.includes(escape)) return { headers: undefined, message: line };
  const message = Buffer.allocUnsafe(line.length);
  let length = 0;
  let headers: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    let byte = line[at] as number;
    if (byte === escape) {
      at += 1;
      const code = line[at] as number;
      if (code === endOfHeaders) {
        headers = line.toString('utf8', 0, at - 1);
        length = 0;
        continue;
      }
      byte = bytesOf.get(code) ?? code;
    }
    message[length++] = byte;
  }
  return { headers, message: message.subarray(0, length) };
}

/** `format`, for lines that are messages. With `withMeta` a record is the message with its headers. */
export function messagesIn(format: Format, withMeta: boolean): Format {
  return {
    *encode(region: Buffer, placeOf: PlaceOf): Generator<Encoded> {
      if (!withMeta && !region.includes(escape)) return yield* format.encode(region, placeOf);
      let index = 0;
      for (let start = 0; start < region.length; index += 1) {
        const end = region.indexOf(newline, start) + 1;
        const { headers, message } = parseMessage(region.subarray(start, end));
        const encoded = encodeOne(format, message, placeOf(index));
        const meta = `{"headers":${headers ?? '{}'},"value":`;
        yield { ...(withMeta ? behindMeta(meta, encoded) : encoded), lines: 1 };
        start = end;
      }
    },
    counters: () => format.counters(),
  };
}
