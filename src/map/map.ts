// Records → records, part by part: steps that leave some out keep the bytes of the others, all else is parsed and written anew.
import type { Envelope, Header, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { placeOf } from '../record/messages.ts';
import type { Core } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { middlePart } from '../window/middle-part.ts';
import { PartRecords } from './part-records.ts';
import { runStep, type Travelling } from './run-step.ts';
import type { Step } from './step.ts';
import { pieces, type Piece } from './write.ts';

export type MapOptions = {
  readonly rejects: Rejects;
  /** Milliseconds. */
  readonly taskTimeout: number;
  /** About so many bytes of records in a part. */
  readonly partSize: number;
};

export class MapCore implements Core {
  readonly #steps: readonly Step[];
  /** Those in front, which need no record parsed. */
  readonly #fromBytes: readonly NonNullable<Step['stays']>[];
  readonly #keeps: boolean;
  readonly #options: MapOptions;
  /** How many parts of the batch that is open were made of one that grew, beside the first. */
  #added = 0;
  readonly snapshot?: () => Json;

  constructor(steps: readonly Step[], options: MapOptions) {
    const firstParsing = steps.findIndex(({ stays }) => stays === undefined);
    this.#steps = firstParsing === -1 ? [] : steps.slice(firstParsing);
    this.#fromBytes = steps.slice(0, steps.length - this.#steps.length).flatMap(({ stays }) => stays ?? []);
    this.#keeps = steps.every(({ keeps }) => keeps);
    this.#options = options;
    const held = steps.flatMap((step) => step.held ?? []);
    if (held.length === 0) return;
    this.snapshot = () => held.map(({ snapshot }) => snapshot());
    this.restore = (snapshot) => {
      for (const [index, { restore }] of held.entries()) restore((snapshot as Json[])[index] ?? null);
    };
  }

  readonly restore?: (snapshot: Json) => void;

  *accept(envelope: Envelope): Generator<Envelope> {
    requireBatch(envelope.header, 'map');
    const part = new PartRecords(envelope);
    let passing = Array.from({ length: part.count }, (_, index) => index);
    for (const stays of this.#fromBytes) passing = passing.filter((index) => stays(part, index));
    if (this.#steps.length === 0) return yield kept(envelope, part, passing);
    const { records, origins } = this.#change(envelope.header, part, passing);
    if (this.#keeps) yield kept(envelope, part, origins);
    else yield* this.#write(envelope.header, records);
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }

  counters(): Record<string, number> {
    const rejected = this.#options.rejects.takeCount();
    return rejected > 0 ? { rejected } : {};
  }

  #change(header: Header, part: PartRecords, passing: readonly number[]): Travelling {
    const { rejects, taskTimeout } = this.#options;
    const reject = (origin: number, reason: string): void =>
      rejects.reject(part.record(origin), placeOf(header, origin), reason);
    const options = { taskTimeout, stops: rejects.stops ?? false, reject };
    let travelling: Travelling = { records: part.decode(passing), origins: passing };
    for (const step of this.#steps) travelling = runStep(step, travelling, options);
    return travelling;
  }

  /** As one part, or several where it has grown. Only the last one says what comes of the batch. */
  *#write(header: Header, records: readonly Json[]): Generator<Envelope> {
    const { part = 0 } = header;
    let held: Piece | undefined;
    for (const piece of pieces(records, this.#options.partSize)) {
      if (held) {
        const { count: n, payload } = held;
        const middle = { ...inPlace(header), part: part + this.#added, n };
        yield { header: withoutColumns(middle), payload };
        this.#added += 1;
      }
      held = piece;
    }
    const { count: n, payload } = held as Piece;
    const place = this.#added > 0 && { part: part + this.#added };
    if (header.last) this.#added = 0;
    yield { header: withoutColumns({ ...header, ...place, n }), payload };
  }
}

/** The records of a part that stay, in their own bytes. */
function kept({ header, payload }: Envelope, part: PartRecords, indexes: readonly number[]): Envelope {
  if (indexes.length === part.count) return { header, payload };
  const { overflow, ...rest } = header;
  // The row of all other keys stands last.
  const hasOverflow = overflow !== undefined && indexes.at(-1) === part.count - 1;
  const withOverflow = hasOverflow && { overflow };
  return { header: { ...rest, n: indexes.length, ...withOverflow }, payload: part.cut(indexes) };
}

/** What every part of a batch says of its records. */
function inPlace(header: Header): Omit<Header, 'n'> {
  const { pane, window, session } = header;
  return {
    ...middlePart(header),
    ...(pane && { pane }),
    ...(window && { window }),
    ...(session && { session }),
  };
}

/** Rows whose columns are not what a reduce made of them any more: still rows of a batch or window, but none that can be merged. */
function withoutColumns(header: Header): Header {
  const { reduced, overflow: _overflow, ...rest } = header;
  if (!reduced) return header;
  const changed: Reduced = { keys: [], aggregates: {}, ...(reduced.mode && { mode: reduced.mode }) };
  return { ...rest, reduced: changed };
}
