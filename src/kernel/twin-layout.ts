// The twin's lines: JSON rows → NDJSON, CSV, TSV or PostgreSQL's COPY, as far as they are spelled just so.

import { isUtf8 } from 'node:buffer';
import { stringifyJson, type Json } from '../envelope/json.ts';
import type { LaidOutRows, Layout } from './kernel.ts';

type CellStyle = 'csv' | 'tsv' | 'copy';

/** A row's text and where it ends. */
type Line = { readonly text: string; readonly end: number };

export function layOutRows(rows: Uint8Array, most: number, layout: Layout, begin: Uint8Array): LaidOutRows {
  const text = Buffer.from(rows).toString('latin1');
  const opening = Buffer.from(begin).toString('latin1');
  const lines: string[] = [];
  let at = 0;
  while (at < text.length && lines.length < most && isUtf8(rows)) {
    const line = layout.style === 'ndjson' ? objectLine(text, at, opening) : cellsLine(text, at, layout);
    if (!line) break;
    const isLast = line.end === text.length;
    if (!isLast && (text.charAt(line.end) !== ',' || line.end + 1 === text.length)) break;
    const whole = layout.style === 'ndjson' ? line.text : opening + line.text;
    const isEmpty = whole === '' && layout.style === 'csv' && layout.columns.length === 1;
    lines.push(isEmpty ? '""' : whole);
    at = isLast ? line.end : line.end + 1;
  }
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  return { bytes, rows: lines.length, consumed: at };
}

function objectLine(text: string, at: number, opening: string): Line | undefined {
  if (!text.startsWith('{"', at)) return undefined;
  // The end is the first brace up to which all is JSON.
  for (let end = text.indexOf('}', at) + 1; end > 0; end = text.indexOf('}', end) + 1) {
    const row = text.slice(at, end);
    if (!isJson(row)) continue;
    return { text: opening === '' ? row : `${opening},${row.slice(1)}`, end };
  }
  return undefined;
}

const value = /"(?:[^"\\\x00-\x1f]|\\[^])*"|true|false|null|-?[0-9][-+.0-9eE]*/y;

function cellsLine(
  text: string,
  start: number,
  { style, columns }: Layout & { readonly style: CellStyle },
): Line | undefined {
  const cells: string[] = [];
  let at = start;
  for (const [index, name] of columns.entries()) {
    const before = `${index === 0 ? '{' : ','}${Buffer.from(JSON.stringify(name)).toString('latin1')}:`;
    if (!text.startsWith(before, at)) return undefined;
    value.lastIndex = at + before.length;
    const json = value.exec(text)?.[0];
    const cell = json === undefined ? undefined : cellOf(json, style);
    if (cell === undefined) return undefined;
    cells.push(cell);
    at = value.lastIndex;
  }
  const end = columns.length === 0 ? '{}' : '}';
  if (!text.startsWith(end, at)) return undefined;
  return { text: cells.join(style === 'csv' ? ',' : '\t'), end: at + end.length };
}

/** Undefined for what is no JSON, and for numbers that JSON.parse would round or make longer. */
function cellOf(json: string, style: CellStyle): string | undefined {
  if (!isJson(json)) return undefined;
  if (json === 'null') return style === 'copy' ? '\\N' : '';
  if (json.startsWith('"')) return textCell(json, style);
  if (!/^-?\d+$/.test(json)) {
    const number = stringifyJson(JSON.parse(json) as Json);
    return number.length > json.length ? undefined : number;
  }
  return /^(?:0|-?[1-9]\d{0,14})$/.test(json) ? json : undefined;
}

function textCell(json: string, style: CellStyle): string {
  const text = String(JSON.parse(Buffer.from(json, 'latin1').toString()));
  const bytes = Buffer.from(text).toString('latin1');
  if (style === 'csv') return /[",\r\n]/.test(bytes) ? `"${bytes.replaceAll('"', '""')}"` : bytes;
  const letters: Record<string, string> = { '\t': 't', '\n': 'n', '\r': 'r', '\\': '\\' };
  return bytes.replace(/[\t\n\r\\]/g, (character) => `\\${letters[character]}`);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
