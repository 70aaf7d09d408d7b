// Hot path, in workers. Some parts of one batch, pane or window, folded into a table of their own.
import type { Parcel } from '../executor/pool.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { Runs } from '../window/runs.ts';
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
export function packParts(input: { readonly parts: readonly FoldPart[] }): Parcel {
  return packed(
    input,
    ({ payload }) => payload.length,
    ({ payload }, area, at) => area.set(payload, at),
  );
}

/** The same for parts that are records of a payload, which are copied once. */
export class CutPart implements FoldPart {
  readonly runs: Runs;
  readonly count: number;

  constructor(runs: Runs, count: number) {
    this.runs = runs;
    this.count = count;
  }

  get payload(): Uint8Array {
    return this.runs.join();
  }
}

export function packCuts(input: { readonly parts: readonly CutPart[] }): Parcel {
  return packed(
    input,
    ({ runs }) => runs.length,
    ({ runs }, area, at) => runs.copyTo(area, at),
  );
}

function packed<Part extends FoldPart>(
  { parts, ...settings }: { readonly parts: readonly Part[] },
  lengthOf: (part: Part) => number,
  copy: (part: Part, area: Uint8Array, at: number) => void,
): Parcel {
  const area = areaOf(parts.reduce((sum, part) => sum + lengthOf(part), 0));
  const bytes = new Uint8Array(area);
  let at = 0;
  const copies = parts.map((part) => {
    copy(part, bytes, at);
    const payload = bytes.subarray(at, (at += lengthOf(part)));
    return { payload, count: part.count };
  });
  return { content: { ...settings, parts: copies, area }, transfer: [area] };
}

function areaOf(length: number): ArrayBuffer {
  const area = spare.pop();
  return area && area.byteLength >= length ? area : new ArrayBuffer(2 ** Math.ceil(Math.log2(length)));
}
