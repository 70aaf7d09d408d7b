// Hot path. Rows to lines in the kernel, from bytes to bytes.
import type { Layout } from '../../kernel/kernel.ts';
import { processKernel } from '../../kernel/load.ts';
import type { Rows } from '../rows.ts';
import type { LaidOut } from './format.ts';

/** Below this the kernel costs more to load than it saves. */
const worthwhile = 16 * 1024;

export function isWorthLayingOut(rows: Rows): boolean {
  return rows.payload.length >= worthwhile;
}

/** The kernel remembers each layout, so there must be few; openings may change with each call. */
export function layOutRows(rows: Rows, layout: Layout, opening: string): LaidOut {
  const { payload, count: most } = rows;
  const laidOut = processKernel().layOutRows(payload, most, layout, Buffer.from(opening));
  const { bytes, rows: count, consumed } = laidOut;
  // A copy: the kernel's memory is used again while the output waits.
  return { bytes: Buffer.from(bytes), rest: rows.behind(count, consumed) };
}
