// Two streams → joined records. What the one brings meets what is held of the other; whoever is out of reach of all that
// may still come is let go, and comes out by itself where nobody met it.
import { isEnd, type Envelope, type Job } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords, recordSlices } from '../envelope/records.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import type { FurtherPositions } from '../stage/further-positions.ts';
import type { DeadLetter } from '../stage/dead-letters.ts';
import type { Merged } from '../stage/merge.ts';
import type { Rejects } from '../stage/rejects.ts';
import type { LateRecords } from '../window/late.ts';
import { refuseWindowed } from '../window/refuse-windowed.ts';
import { timeOfBatch, Watermark } from '../window/watermark.ts';
import { placeOf } from '../record/messages.ts';
import { formatTime } from '../time/epoch.ts';
import { JoinedBatches } from './joined-batches.ts';
import { recordReader, type InputPlan, type RecordReader } from './read.ts';
import { leftFields, leftText, pairText, clashOf, rightFields, rightText, type FieldsOf } from './rows.ts';
import { Side, type Held } from './side.ts';

export type JoinPlan = {
  readonly type: 'inner' | 'left' | 'right' | 'full';
  /** How each stream is read: the left one, then the right one. */
  readonly inputs: readonly [InputPlan, InputPlan];
  /** Milliseconds. */
  readonly within: number;
  readonly lateness: number;
  readonly idleTimeout?: number | undefined;
  readonly prefix: string;
  readonly maxHeld: number;
};

export type JoinOptions = {
  readonly partSize: number;
  readonly late: LateRecords;
  readonly rejects: Rejects;
  readonly further: FurtherPositions;
};

/** One of the two streams. */
type Input = {
  readonly isLeft: boolean;
  readonly plan: InputPlan;
  readonly read: RecordReader;
  /** Its records that partners may still come for. */
  readonly side: Side;
  readonly watermark: Watermark;
  /** Until its open batch has a record. */
  isEmpty: boolean;
  isOver: boolean;
};

export class JoinCore implements Core<Merged> {
  readonly #plan: JoinPlan;
  readonly #late: LateRecords;
  readonly #rejects: Rejects;
  readonly #further: FurtherPositions;
  readonly #left: Input;
  readonly #right: Input;
  readonly #joined: JoinedBatches;
  /** Up to which both streams were complete when the open batch began. */
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(plan: JoinPlan, { partSize, late, rejects, further }: JoinOptions) {
    const { prefix, inputs } = plan;
    this.#plan = plan;
    this.#late = late;
    this.#rejects = rejects;
    this.#further = further;
    this.#left = inputFor(plan, inputs[0], leftFields(prefix), true);
    this.#right = inputFor(plan, inputs[1], rightFields(prefix, inputs[1].keys), false);
    this.#joined = new JoinedBatches(partSize);
  }

  *accept(merged: Merged, clock: number): Generator<Envelope> {
    const input = merged.input === 0 ? this.#left : this.#right;
    input.isOver = isEnd(merged);
    if (input.isOver) return;
    const { header, into = header, closes = true } = merged;
    const now = timeOfBatch(into, clock);
    refuseWindowed(header, 'put `join` in front of `sluice window`');
    this.#joined.open(into, input.isLeft || !closes);
    for (const row of this.#meet(merged, input, now)) yield* this.#joined.add(row);
    if (header.n > 0) input.watermark.comeAt(now);
    input.isEmpty &&= header.n === 0;
    if (!header.last) return;
    this.#further.count(merged.input, true);
    // The next batch of this stream begins: what it holds so far counts from now on.
    input.watermark.advance(now, input.isEmpty);
    input.isEmpty = true;
    if (!closes) return;
    yield* this.#release();
    yield this.#joined.close();
  }

  *end(ending: Envelope): Generator<Envelope> {
    // Nobody knows what a stream that failed would have brought: only of whole ones it is said that no partner came.
    if (ending.header.end === 'ok') yield* this.#release();
    if (this.#joined.isUnfinished) yield this.#joined.close();
    yield ending;
  }

  attach(job: Job): void {
    this.#further.begin(job);
  }

  snapshot(): Json {
    return {
      watermark: Number.isFinite(this.#watermark) ? this.#watermark : null,
      inputs: [this.#left, this.#right].map(({ side, watermark }) => ({
        side: side.snapshot(),
        watermark: watermark.snapshot(),
      })),
      joined: this.#joined.snapshot(),
      further: this.#further.snapshot(),
    };
  }

  restore(snapshot: Json): void {
    const { watermark, inputs, joined, further } = snapshot as {
      watermark: number | null;
      inputs: { side: Json; watermark: Json }[];
      joined: Json;
      further: Json;
    };
    this.#watermark = watermark ?? Number.NEGATIVE_INFINITY;
    for (const [index, input] of [this.#left, this.#right].entries()) {
      input.side.restore(inputs[index]?.side ?? []);
      input.watermark.restore(inputs[index]?.watermark ?? null);
    }
    this.#joined.restore(joined);
    this.#further.restore(further);
  }

  counters(): Record<string, number> {
    const rejected = this.#rejects.takeCount();
    return { ...this.#late.takeCounts(), ...(rejected > 0 && { rejected }) };
  }

  /** The pairs that the records of a part make, in order; the records are held from then on. */
  *#meet(envelope: Envelope, input: Input, now: number): Generator<string> {
    const slices = [...recordSlices(envelope.payload)];
    for (const [index, record] of decodeRecords(envelope).entries()) {
      const held = input.read(record, slices[index] as Buffer, now);
      const letter = (reason: string): DeadLetter => ({
        record,
        reason,
        place: [input.plan.name ?? [], placeOf(envelope.header, index)].flat().join(', '),
      });
      if (typeof held === 'string') {
        this.#rejects.reject(record, letter(held).place, held);
        continue;
      }
      input.watermark.see(held.time);
      // Spark takes what is at the watermark for late as well: of a stream in order it would lose each time that goes on in
      // the next batch.
      if (held.time < this.#watermark) {
        this.#late.add('late', () => letter(this.#whyLate(held.time)));
        continue;
      }
      // Before it has met any of them: a record is joined with all its partners or with none.
      const clash = this.#clashOf(held, input);
      if (clash === undefined) yield* this.#meetOne(held, input);
      else this.#rejects.reject(record, letter(clash).place, clash);
    }
    this.#late.flush();
  }

  #clashOf(held: Held, { isLeft }: Input): string | undefined {
    if (held.fields.names.length === 0) return undefined;
    const other = isLeft ? this.#right.side : this.#left.side;
    for (const { fields } of other.partnersOf(held)) {
      const clash = clashOf(held.fields, fields);
      if (clash !== undefined) return clash;
    }
    return undefined;
  }

  *#meetOne(held: Held, { isLeft, side }: Input): Generator<string> {
    const other = isLeft ? this.#right.side : this.#left.side;
    for (const partner of other.partnersOf(held)) {
      held.hasPartner = true;
      partner.hasPartner = true;
      yield isLeft ? pairText(held.fields, partner.fields) : pairText(partner.fields, held.fields);
    }
    if (held.identity === undefined && !this.#keepsAlone(isLeft)) return;
    side.add(held);
    if (side.size + other.size > this.#plan.maxHeld) throw tooMany(this.#plan.maxHeld);
  }

  #keepsAlone(isLeft: boolean): boolean {
    return this.#plan.type === 'full' || this.#plan.type === (isLeft ? 'left' : 'right');
  }

  /** A batch is over. Those that no partner can come for any more: of the left stream first, each in the order of time. */
  *#release(): Generator<Envelope> {
    const both = [this.#left, this.#right];
    this.#watermark = Math.min(...both.map(reached));
    for (const { isLeft, side } of both) {
      const released = side.release(this.#watermark);
      if (!this.#keepsAlone(isLeft)) continue;
      for (const { fields, keys, hasPartner } of released) {
        if (hasPartner) continue;
        yield* this.#joined.add(isLeft ? leftText(fields) : rightText(fields, this.#left.plan.keys, keys));
      }
    }
  }

  #whyLate(time: number): string {
    return `${formatTime(time)} is too late: the watermark is ${formatTime(this.#watermark)}`;
  }
}

function inputFor(
  { within, lateness, idleTimeout }: JoinPlan,
  plan: InputPlan,
  fieldsOf: FieldsOf,
  isLeft: boolean,
): Input {
  const read = recordReader(plan, fieldsOf);
  return {
    isLeft,
    plan,
    read,
    side: new Side(within),
    watermark: new Watermark(lateness, idleTimeout),
    isEmpty: true,
    isOver: false,
  };
}

/** Up to which a stream is complete. One that never had a record and is idle holds nobody back. */
function reached({ isOver, watermark }: Input): number {
  if (isOver) return Number.POSITIVE_INFINITY;
  return watermark.value ?? (watermark.isIdle ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
}

function tooMany(maxHeld: number): SluiceError {
  return new SluiceError(
    'badData',
    `more than ${maxHeld} records wait for a partner`,
    'a stream with nothing newer holds back the other one, --idle-timeout says for how long; a shorter --within or --lateness holds fewer, a larger --max-held allows more',
  );
}
