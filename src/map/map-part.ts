// Hot path, in workers and beside them. What a stage's steps make of the records of one part; pure, but for steps that count.
import type { Envelope } from '../envelope/envelope.ts';
import { PartRecords } from './part-records.ts';
import { runStep, type Travelling } from './run-step.ts';
import type { Step } from './step.ts';
import { pieces, type Piece } from './write.ts';

export type PartOptions = {
  /** Milliseconds for what a user's function does with one record. */
  readonly taskTimeout: number;
  /** Whether the first record that cannot be used is the end of it all; those behind it are not looked at then. */
  readonly stops: boolean;
  /** About so many bytes of records in a piece. */
  readonly partSize: number;
};

export type MappedPart = {
  /** Records that cannot be used: which of the part, and why. */
  readonly faults: readonly (readonly [index: number, reason: string])[];
  /** Records that stay, in their own bytes, or else what became of them. */
  readonly outcome: { readonly kept: readonly number[] } | { readonly pieces: readonly Piece[] };
};

export class PartMapper {
  readonly #steps: readonly Step[];
  /** Those in front, which need no record parsed. */
  readonly #fromBytes: readonly NonNullable<Step['stays']>[];
  readonly #keeps: boolean;
  readonly #options: PartOptions;

  constructor(steps: readonly Step[], options: PartOptions) {
    const firstParsing = steps.findIndex(({ stays }) => stays === undefined);
    this.#steps = firstParsing === -1 ? [] : steps.slice(firstParsing);
    this.#fromBytes = steps.slice(0, steps.length - this.#steps.length).flatMap(({ stays }) => stays ?? []);
    this.#keeps = steps.every(({ keeps }) => keeps);
    this.#options = options;
  }

  map(envelope: Envelope): MappedPart {
    const part = new PartRecords(envelope);
    let passing = Array.from({ length: part.count }, (_, index) => index);
    for (const stays of this.#fromBytes) passing = passing.filter((index) => stays(part, index));
    if (this.#steps.length === 0) return { faults: [], outcome: { kept: passing } };
    const faults: [number, string][] = [];
    const { records, origins } = this.#change(part, passing, (...fault) => faults.push(fault));
    if (this.#keeps) return { faults, outcome: { kept: origins } };
    return { faults, outcome: { pieces: [...pieces(records, this.#options.partSize)] } };
  }

  #change(
    part: PartRecords,
    passing: readonly number[],
    reject: (origin: number, reason: string) => void,
  ): Travelling {
    const { taskTimeout, stops } = this.#options;
    let isOver = false;
    const options = {
      taskTimeout,
      stops,
      reject: (origin: number, reason: string) => {
        isOver = stops;
        reject(origin, reason);
      },
    };
    let travelling: Travelling = { records: part.decode(passing), origins: passing };
    for (const step of this.#steps) if (!isOver) travelling = runStep(step, travelling, options);
    return travelling;
  }
}
