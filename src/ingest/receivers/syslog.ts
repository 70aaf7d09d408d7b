// Syslog over TCP (RFC 6587): messages with their length in front of them, or lines; each message tells by its first byte.
import { characterStart } from '../lines.ts';
import { Refused } from './complaints.ts';
import type { Inbox } from './inbox.ts';
import type { Reading } from './lines.ts';
import { MessageLines } from './messages.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const zero = 0x30;
const one = 0x31;
const nine = 0x39;
/** Digits of a length. */
const mostDigits = 8;

export class SyslogReading implements Reading {
  readonly #inbox: Inbox;
  readonly #maxRecord: number;
  /** What has begun, as it came. */
  #rest: Buffer[] = [];
  held = 0;
  /** So many bytes there have to be before it is looked at again; 0 where a line end is waited for. */
  #wanted = 0;
  /** Bytes of a message that are still to be passed over. */
  #tooMuch = 0;
  whole = 0;
  cut = 0;

  get pieces(): number {
    return this.#rest.length;
  }

  constructor(inbox: Inbox, maxRecord: number) {
    this.#inbox = inbox;
    this.#maxRecord = maxRecord;
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#tooMuch > 0) {
      const passed = Math.min(this.#tooMuch, bytes.length);
      this.#tooMuch -= passed;
      bytes = bytes.subarray(passed);
    }
    if (!this.#isEnough(bytes)) return this.#keep(bytes);
    if (this.held > 0) bytes = Buffer.concat([...this.#rest, bytes]);
    this.#forget();
    const lines = new MessageLines(bytes.length);
    let at = 0;
    try {
      for (let next = this.#next(bytes, at, lines); next !== undefined; next = this.#next(bytes, at, lines))
        at = next;
      this.#keep(bytes.subarray(at));
    } finally {
      // What stands in front of a message that is none is good.
      this.#hand(lines);
    }
  }

  end(): void {
    const rest = Buffer.concat(this.#rest);
    this.#forget();
    if (rest.length === 0) return;
    if (isLength(rest[0])) throw new Refused('broke off within a message');
    const lines = new MessageLines(rest.length);
    this.#add(lines, rest, 0, rest.length);
    this.#hand(lines);
  }

  /** Bytes that come one by one are not put together one by one. */
  #isEnough(bytes: Buffer): boolean {
    if (this.held === 0) return true;
    const length = this.held + bytes.length;
    return this.#wanted > 0 ? length >= this.#wanted : length > this.#maxRecord || bytes.includes(newline);
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(Buffer.from(bytes));
    this.held += bytes.length;
  }

  #forget(): void {
    this.#rest = [];
    this.held = 0;
    this.#wanted = 0;
  }

  #hand(lines: MessageLines): void {
    if (lines.length > 0) this.#inbox.add({ bytes: lines.bytes });
  }

  /** Behind the message that begins at `at`; undefined where it is not whole. */
  #next(bytes: Buffer, at: number, lines: MessageLines): number | undefined {
    if (at >= bytes.length) return undefined;
    return isLength(bytes[at]) ? this.#counted(bytes, at, lines) : this.#line(bytes, at, lines);
  }

  #counted(bytes: Buffer, start: number, lines: MessageLines): number | undefined {
    let [length, at] = [0, start];
    for (; at < bytes.length && bytes[at] !== space; at += 1) {
      const byte = bytes[at] as number;
      if (byte < zero || byte > nine || at - start >= mostDigits)
        throw new Refused('sent no syslog', 'a message begins with its length and a space, or with <');
      length = 10 * length + byte - zero;
    }
    if (at >= bytes.length) {
      this.#wanted = bytes.length - start + 1;
      return undefined;
    }
    const first = at + 1;
    const end = first + length;
    // What is beyond the limit is not kept, whatever its length.
    const isTooLong = length > this.#maxRecord && bytes.length - first >= this.#maxRecord;
    if (end > bytes.length && !isTooLong) {
      this.#wanted = first - start + Math.min(length, this.#maxRecord);
      return undefined;
    }
    if (end <= bytes.length) this.#add(lines, bytes, first, end);
    else {
      this.#add(lines, bytes, first, characterStart(bytes, first + this.#maxRecord));
      this.cut += 1;
      this.#tooMuch = end - bytes.length;
    }
    return Math.min(end, bytes.length);
  }

  #line(bytes: Buffer, start: number, lines: MessageLines): number | undefined {
    const end = bytes.indexOf(newline, start);
    if (end === -1) {
      if (bytes.length - start > this.#maxRecord) throw new Refused('sent a line that does not end');
      return undefined;
    }
    this.#add(lines, bytes, start, end);
    return end + 1;
  }

  #add(lines: MessageLines, bytes: Buffer, start: number, until: number): void {
    if (addMessage(lines, bytes, start, until, this.#maxRecord)) this.cut += 1;
    this.whole += 1;
  }
}

/** Returns whether it had to be cut off. */
export function addMessage(
  lines: MessageLines,
  bytes: Buffer,
  start: number,
  until: number,
  maxRecord: number,
): boolean {
  let end = until;
  // Some end a message with a line end although its length is told, or is that of the datagram.
  if (end > start && bytes[end - 1] === newline) end -= 1;
  if (end > start && bytes[end - 1] === carriageReturn) end -= 1;
  const isCut = end - start > maxRecord;
  if (isCut) end = characterStart(bytes, start + maxRecord);
  if (end > start) lines.add(bytes, start, end);
  return isCut;
}

function isLength(byte: number | undefined): boolean {
  return byte !== undefined && byte >= one && byte <= nine;
}
