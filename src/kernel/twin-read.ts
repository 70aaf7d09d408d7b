// The twin's readers of words: raw text, and payloads of JSON strings.

import type { FaultKind, Reading } from './kernel.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The words of a text, as bytes of their UTF-8. */
export function readWords(text: Uint8Array): string[] {
  return wordsOf(decoder.decode(text));
}

function wordsOf(text: string): string[] {
  return text
    .split(/[ \t\n\v\f\r]+/)
    .filter((word) => word !== '')
    .map((word) => Buffer.from(word).toString('latin1'));
}

/** A part of a JSON string up to a raw space, the end of the string, or what must not be in it. */
const chunk = /(?:[^ "\\\x00-\x1f]|\\["\\]|\\)*/y;
const goodEscapes = /(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/** The text of the inside of a JSON string, bytes in and bytes out; a number is where a wrong escape is. */
export function decodeString(inside: string): string | number {
  goodEscapes.lastIndex = 0;
  goodEscapes.test(inside);
  if (goodEscapes.lastIndex < inside.length) return goodEscapes.lastIndex;
  const text: unknown = JSON.parse(`"${Buffer.from(inside, 'latin1').toString()}"`);
  // Writing it as UTF-8 turns lone surrogates into U+FFFD.
  return Buffer.from(String(text)).toString('latin1');
}

/** Calls `count` for each word in a payload of JSON strings. */
export function readPayload(payload: Uint8Array, count: (word: string) => void): Reading {
  const text = Buffer.from(decoder.decode(payload)).toString('latin1');
  let at = 0;
  let records = 0;
  const failed = (kind: FaultKind, offset: number, record: number): Reading => ({
    records: record,
    fault: { kind, offset, record },
  });
  const skipSpace = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  };

  skipSpace();
  if (at === text.length) return { records };
  while (true) {
    const first = text.charAt(at);
    if (first !== '"') return failed(/[{[\-0-9tfn]/.test(first) ? 'not-string' : 'malformed', at, records);
    at++;
    records++;
    while (text.charAt(at) !== '"') {
      while (text.charAt(at) === ' ') at++;
      chunk.lastIndex = at;
      chunk.test(text);
      const stop = chunk.lastIndex;
      const decoded = decodeString(text.slice(at, stop));
      if (typeof decoded === 'number') return failed('malformed', at + decoded, records - 1);
      at = stop;
      if (!' "'.includes(text.charAt(at)) || at === text.length) return failed('malformed', at, records - 1);
      for (const word of wordsOf(Buffer.from(decoded, 'latin1').toString())) count(word);
    }
    at++;
    skipSpace();
    if (at === text.length) return { records };
    if (text.charAt(at) !== ',') return failed('malformed', at, records);
    at++;
    skipSpace();
  }
}
