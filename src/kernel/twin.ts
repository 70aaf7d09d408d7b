// The kernel in plain TypeScript: simple, not fast. The oracle of the property tests, and the fallback.
// Bytes are held as strings of one character per byte (latin1), which compare in the order of the bytes.

import { isUtf8 } from 'node:buffer';
import type { EncodedLines, EncodedValues, EncodeSettings, Kernel, Table, TableSettings } from './kernel.ts';
import { isJson, layOutRows } from './twin-layout.ts';
import { TwinTable } from './twin-table.ts';

export function createTwinKernel(): Kernel {
  return {
    kind: 'ts',
    input: (length: number) => new Uint8Array(length),
    encodeLines,
    encodeValues,
    encodeTemplate: () => ({ bytes: Buffer.alloc(0), values: 0, lines: 0, consumed: 0 }),
    layOutRows,
    // It reads with JSON.parse and does not know; saying so sends the caller the exact way.
    takeRounded: () => true,
    createTable: (settings: TableSettings = {}): Table => new TwinTable(settings),
  };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function encodeLines(input: Uint8Array, settings: EncodeSettings): EncodedLines {
  const { capacity, most = Infinity, following = false } = settings;
  const parts: Buffer[] = [];
  let produced = 0;
  let consumed = 0;
  let damaged = 0;
  while (consumed < input.length && parts.length < most) {
    const newline = input.indexOf(0x0a, consumed);
    const next = newline === -1 ? input.length : newline + 1;
    let stop = newline === -1 ? input.length : newline;
    if (newline !== -1 && stop > consumed && input[stop - 1] === 0x0d) stop--;
    const line = input.subarray(consumed, stop);
    const comma = following || parts.length > 0 ? ',' : '';
    const encoded = Buffer.from(comma + JSON.stringify(decoder.decode(line)));
    if (produced + encoded.length > capacity) break;
    parts.push(encoded);
    produced += encoded.length;
    consumed = next;
    if (!isUtf8(line)) damaged++;
  }
  return { bytes: Buffer.concat(parts), lines: parts.length, consumed, damaged };
}

function encodeValues(input: Uint8Array): EncodedValues {
  const values: string[] = [];
  let lines = 0;
  let consumed = 0;
  if (isUtf8(input)) {
    const text = Buffer.from(input).toString('latin1');
    while (consumed < text.length) {
      const newline = text.indexOf('\n', consumed);
      const stop = newline === -1 ? text.length : newline;
      const value = text.slice(consumed, stop).replace(/^[ \t\r]+|[ \t\r]+$/g, '');
      if (value !== '' && !isJson(Buffer.from(value, 'latin1').toString())) break;
      if (value !== '') values.push(value);
      consumed = Math.min(stop + 1, text.length);
      lines++;
    }
  }
  return { bytes: Buffer.from(values.join(','), 'latin1'), values: values.length, lines, consumed };
}
