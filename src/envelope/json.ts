// JSON in and out without harm to numbers. JSON.parse rounds integers beyond 2^53, so that two different ids
// would become one key; a text that has such a number is parsed by lossless-json instead, and the number
// becomes a bigint. That is the rare case: all others take JSON.parse.
import { createRequire } from 'node:module';

export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** A number of 16 digits or more: the shortest that may lie beyond 2^53. Digits in strings seldom stand like this. */
const longDigits = /(?:^|[[:,])\s*-?\d{16}/;

/** As JSON.stringify, but infinite is `1e999`, which JSON.parse reads as that again, and not null. */
export function stringifyNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'null';
  return value > 0 ? '1e999' : '-1e999';
}

/** As JSON.parse, but integers beyond 2^53 become bigints. Throws SyntaxError. */
export function parseJson(text: string): Json {
  return hasLongDigits(text) ? parseLossless(text) : (JSON.parse(text) as Json);
}

/** Hot path. Of 16 digits in a row one stands at a multiple of 16, so that one character in 16 is looked at. */
function hasLongDigits(text: string): boolean {
  for (let at = 0; at < text.length; at += 16) {
    if (!isDigit(text, at)) continue;
    let [start, end] = [at, at + 1];
    while (isDigit(text, start - 1)) start -= 1;
    while (isDigit(text, end)) end += 1;
    if (end - start >= 16) return longDigits.test(text);
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

type Lossless = typeof import('lossless-json');
let lossless: Lossless | undefined;

function parseLossless(text: string): Json {
  // Checked first, since JSON.parse gives the better errors and knows more white space than none.
  const value = JSON.parse(text) as Json;
  if (typeof value === 'string') return value;
  lossless ??= createRequire(import.meta.filename)('lossless-json') as Lossless;
  return lossless.parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue }) as Json;
}

function parseNumber(literal: string): number | bigint {
  const number = Number(literal);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(literal) ? number : BigInt(literal);
}

/** As JSON.stringify, but a bigint comes out as its digits, and a number beyond the largest double stays one. */
export function stringifyJson(value: Json): string {
  if (typeof value === 'number') return stringifyNumber(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(',')}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${stringifyJson(member)}`,
  );
  return `{${members.join(',')}}`;
}
