// In workers: the steps of a stage over one part. Functions do not cross thread boundaries, so that each thread makes the
// steps anew of what the user typed.
import type { StepOrder } from '../command/command.ts';
import { SluiceError } from '../errors.ts';
import type { Parcel } from '../executor/pool.ts';
import { remembered } from '../executor/remembered.ts';
import type { MapSettings } from './command.ts';
import { PartMapper, type MappedPart, type PartOptions } from './map-part.ts';
import { stepsFrom } from './steps.ts';

/** What steps are made of, and what they are told. */
export type StepSource = {
  readonly settings: MapSettings;
  readonly order: StepOrder;
  readonly options: PartOptions;
};

export type MapTask = {
  readonly source: StepSource;
  readonly payload: Uint8Array;
  readonly count: number;
};

type Faults = MappedPart['faults'];

export type MapResult =
  | { readonly faults: Faults; readonly kept: ArrayBuffer }
  /** Payloads one after another, and of each its bytes and records. */
  | {
      readonly faults: Faults;
      readonly area: ArrayBuffer;
      readonly pieces: readonly (readonly [bytes: number, count: number])[];
    }
  /** An error would lose its kind between threads. */
  | { readonly failure: string; readonly hint: string | undefined };

export async function mapPart({ source, payload, count }: MapTask): Promise<MapResult> {
  try {
    const mapper = await mapperFor(source);
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const { faults, outcome } = mapper.map({ header: { n: count }, payload: bytes });
    if ('kept' in outcome) return { faults, kept: Uint32Array.from(outcome.kept).buffer };
    const area = new Uint8Array(outcome.pieces.reduce((sum, piece) => sum + piece.payload.length, 0));
    let at = 0;
    for (const piece of outcome.pieces) {
      area.set(piece.payload, at);
      at += piece.payload.length;
    }
    const pieces = outcome.pieces.map((piece) => [piece.payload.length, piece.count] as const);
    return { faults, area: area.buffer, pieces };
  } catch (error) {
    if (error instanceof SluiceError) return { failure: error.message, hint: error.hint };
    throw error;
  }
}

/** A copy is handed over: the part stays here, since a task may be lost. */
export function packTask(task: MapTask): Parcel {
  const payload = Uint8Array.from(task.payload);
  return { content: { ...task, payload }, transfer: [payload.buffer] };
}

/** What a task gave, as if it had been done here. Throws SluiceError('badData') where all of it failed. */
export function unpacked(result: MapResult): MappedPart {
  if ('failure' in result) throw new SluiceError('badData', result.failure, result.hint);
  const { faults } = result;
  if ('kept' in result) return { faults, outcome: { kept: [...new Uint32Array(result.kept)] } };
  let at = 0;
  const pieces = result.pieces.map(([bytes, count]) => {
    const payload = Buffer.from(result.area, at, bytes);
    at += bytes;
    return { payload, count };
  });
  return { faults, outcome: { pieces } };
}

const mapperFor = remembered(
  async ({ settings, order, options }: StepSource) =>
    new PartMapper(await stepsFrom(settings, order, options.taskTimeout), options),
);
