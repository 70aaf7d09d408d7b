// Hot path, in workers and beside them. What a stage's steps make of the records of one part; pure, but for steps that count.
import type { Envelope } from '../envelope/envelope.ts';
import { eachWithinOnNeed } from '../user-code/time-limit.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { PartRecords } from './part-records.ts';
import { runStep, type Travelling } from './run-step.ts';
import type { Step } from './step.ts';
import { pieces, piecesOf, type Piece } from './write.ts';
import { areOfMembers, WrittenRecords } from './written-records.ts';

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
  readonly #fromBytes: readonly StayingStep[];
  readonly #written: WrittenRecords | undefined;
  readonly #keeps: boolean;
  readonly #options: PartOptions;

  constructor(steps: readonly Step[], options: PartOptions) {
    const firstParsing = steps.findIndex((step) => !staysFromBytes(step));
    this.#steps = firstParsing === -1 ? [] : steps.slice(firstParsing);
    this.#fromBytes = steps.slice(0, steps.length - this.#steps.length).filter(staysFromBytes);
    this.#written = areOfMembers(this.#steps) ? new WrittenRecords(this.#steps) : undefined;
    this.#keeps = steps.every(({ keeps }) => keeps);
    this.#options = options;
  }

  map(envelope: Envelope): MappedPart {
    const part = new PartRecords(envelope);
    const faults: [number, string][] = [];
    let passing = Array.from({ length: part.count }, (_, index) => index);
    for (const step of this.#fromBytes) passing = this.#filter(step, part, passing, faults);
    if (this.#steps.length === 0 || this.#isOver(faults)) return { faults, outcome: { kept: passing } };
    if (this.#written) return this.#changeWritten(this.#written, part, passing, faults);
    const { records, origins } = this.#change(part, passing, faults);
    if (this.#keeps) return { faults, outcome: { kept: origins } };
    return { faults, outcome: { pieces: [...pieces(records, this.#options.partSize)] } };
  }

  #filter(
    { option, stays, limit }: StayingStep,
    part: PartRecords,
    passing: number[],
    faults: Faults,
  ): number[] {
    if (this.#isOver(faults)) return passing;
    if (!limit) return passing.filter((index) => stays(part, index));
    const fits: boolean[] = [];
    eachWithinOnNeed(
      limit.milliseconds,
      passing.length,
      (at) => (fits[at] = !this.#isOver(faults) && stays(part, passing[at] as number)),
      (at) => {
        fits[at] = false;
        faults.push([passing[at] as number, `${option}: ${limit.reason}`]);
      },
    );
    return passing.filter((_index, at) => fits[at]);
  }

  #isOver(faults: Faults): boolean {
    return this.#options.stops && faults.length > 0;
  }

  #changeWritten(
    written: WrittenRecords,
    part: PartRecords,
    passing: readonly number[],
    faults: Faults,
  ): MappedPart {
    const texts: string[] = [];
    for (const index of passing) {
      if (this.#isOver(faults)) break;
      try {
        texts.push(written.change(part, index));
      } catch (error) {
        if (error instanceof SluiceError) throw error;
        faults.push([index, messageOf(error)]);
      }
    }
    return { faults, outcome: { pieces: [...piecesOf(texts, this.#options.partSize, 'latin1')] } };
  }

  #change(part: PartRecords, passing: readonly number[], faults: Faults): Travelling {
    const { stops } = this.#options;
    const reject = (origin: number, reason: string): void => void faults.push([origin, reason]);
    let travelling: Travelling = { records: part.decode(passing), origins: passing };
    for (const step of this.#steps)
      if (!this.#isOver(faults)) travelling = runStep(step, travelling, { stops, reject });
    return travelling;
  }
}

type Faults = [index: number, reason: string][];

type StayingStep = Step & Required<Pick<Step, 'stays'>>;

function staysFromBytes(step: Step): step is StayingStep {
  return step.stays !== undefined;
}
