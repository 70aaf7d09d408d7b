// Escapes with a backslash, as servers write them in their logs: \" \\ \n \t \xHH, and \uHHHH where nginx is told to write JSON.
import { isUtf8 } from 'node:buffer';

const backslash = 0x5c;
const smallX = 0x78;
const smallU = 0x75;
const letters: Readonly<Record<string, number>> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** The text of these bytes. Where the bytes that escapes stand for are no UTF-8, the escapes stay, so that nothing is lost. */
export function unescape(bytes: Buffer, start: number, end: number): string {
  const plain = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    const next = bytes[at + 1] as number;
    const digits = next === smallX ? 2 : next === smallU ? 4 : 0;
    if (byte !== backslash || at + 1 >= end) plain[length++] = byte;
    else if (digits > 0) {
      const code = at + 2 + digits <= end ? hexadecimal(bytes, at + 2, digits) : -1;
      if (code === -1) plain[length++] = byte;
      else {
        if (digits === 2) plain[length++] = code;
        else length += plain.write(String.fromCharCode(code), length, 'utf8');
        at += 1 + digits;
      }
    } else {
      const letter = letters[String.fromCharCode(next)];
      // `C:\36` is no escape: nobody writes one before a digit, or a letter that means nothing.
      if (letter === undefined && isWord(next)) plain[length++] = byte;
      plain[length++] = letter ?? next;
      at += 1;
    }
  }
  const text = plain.subarray(0, length);
  return isUtf8(text) ? text.toString('utf8') : bytes.toString('utf8', start, end);
}

function isWord(byte: number): boolean {
  return /\w/.test(String.fromCharCode(byte)) || byte > 0x7f;
}

function hexadecimal(bytes: Buffer, start: number, digits: number): number {
  const text = bytes.toString('latin1', start, start + digits);
  return /^[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : -1;
}
