// Hot path, in workers. Some parts of one batch, pane or window, folded into a table of their own.
import type { Parcel } from '../executor/pool.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { KernelFields } from './kernel-fields.ts';
import type { Exported } from './listed-states.ts';
import { TaskTable } from './task-table.ts';

export type FoldParts = {
  readonly parts: readonly FoldPart[];
  /** What the payloads lie in, where they were handed over. */
  readonly area?: ArrayBuffer;
  /** What is added up; words are counted without. */
  readonly fields?: KernelFields;
};

export type FoldPart = { readonly payload: Uint8Array; readonly count: number };

export type FoldedParts = {
  /** For `absorb`; undefined where something is not plain, and has to be judged by the stage. */
  readonly exported: Exported | undefined;
  /** Handed back to be filled again: left to the garbage collectors of two threads, areas would pile up. */
  readonly area?: ArrayBuffer | undefined;
};

export function partOf({ header, payload }: Envelope): FoldPart {
  return { payload, count: header.n };
}

export function foldParts({ parts, fields, area }: FoldParts): FoldedParts {
  const table = new TaskTable(fields);
  try {
    const isPlain = parts.every(({ payload, count }) => table.addPayload(payload, count));
    return { exported: isPlain ? table.export() : undefined, ...(area && { area }) };
  } finally {
    table.free();
  }
}

/** Areas that came back. */
const spare: ArrayBuffer[] = [];

export function takeBack({ area }: { readonly area?: ArrayBuffer | undefined }): void {
  if (area) spare.push(area);
}

/**
 * All payloads in one area that is handed over. The parts themselves stay here: a task may be lost, or find what only
 * the stage can judge.
 */
export function packParts({ parts, ...settings }: { readonly parts: readonly FoldPart[] }): Parcel {
  const length = parts.reduce((sum, { payload }) => sum + payload.length, 0);
  const area = areaOf(length);
  let at = 0;
  const packed = parts.map(({ payload, count }) => {
    const copy = new Uint8Array(area, at, payload.length);
    copy.set(payload);
    at += payload.length;
    return { payload: copy, count };
  });
  return { content: { ...settings, parts: packed, area }, transfer: [area] };
}

function areaOf(length: number): ArrayBuffer {
  const area = spare.pop();
  return area && area.byteLength >= length ? area : new ArrayBuffer(2 ** Math.ceil(Math.log2(length)));
}
