// Two streams → joined records. What the one brings meets what is held of the other; whoever is out of reach of all that
// may still come is let go, and comes out by itself where nobody met it.
import { isEnd, type Envelope } from '../envelope/envelope.ts';
import { decodeRecords, recordSlices } from '../envelope/records.ts';
import { requireUnwindowed } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import { placeOf } from '../reduce/fold.ts';
import type { Core } from '../stage/core.ts';
import { LateRecords } from '../stage/late.ts';
import type { Merged } from '../stage/merge.ts';
import type { Rejects } from '../stage/rejects.ts';
import { EventClock } from '../time/event-clock.ts';
import { JoinedBatches } from './joined-batches.ts';
import { recordReader, type InputPlan, type RecordReader } from './read.ts';
import { leftFields, leftText, pairText, rightFields, rightText } from './rows.ts';
import { Side, type Held } from './side.ts';

export type JoinPlan = {
  readonly type: 'inner' | 'left' | 'right' | 'full';
  /** How each stream is read: the left one, then the right one. */
  readonly inputs: readonly [InputPlan, InputPlan];
  /** Milliseconds. */
  readonly within: number;
  readonly lateness: number;
  readonly prefix: string;
  readonly maxHeld: number;
};

export type JoinOptions = { readonly partSize: number; readonly rejects: Rejects };

export class JoinCore implements Core<Merged> {
  readonly late = new LateRecords('--lateness');
  readonly #plan: JoinPlan;
  readonly #rejects: Rejects;
  readonly #clocks: readonly [EventClock, EventClock];
  readonly #sides: readonly [Side, Side];
  readonly #read: readonly [RecordReader, RecordReader];
  readonly #joined: JoinedBatches;
  /** Up to which both streams were complete when the open batch began. */
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(plan: JoinPlan, { partSize, rejects }: JoinOptions) {
    this.#plan = plan;
    this.#rejects = rejects;
    this.#clocks = [new EventClock(plan.lateness), new EventClock(plan.lateness)];
    this.#sides = [new Side(plan.within), new Side(plan.within)];
    const [left, right] = plan.inputs;
    this.#read = [
      recordReader(left, leftFields(plan.prefix)),
      recordReader(right, rightFields(plan.prefix, right.keys)),
    ];
    this.#joined = new JoinedBatches(partSize);
  }

  *accept(merged: Merged, now: number): Generator<Envelope> {
    const input = merged.input === 0 ? 0 : 1;
    const clock = this.#clocks[input];
    if (isEnd(merged)) return clock.end();
    const { header, into = header, closes = true } = merged;
    requireUnwindowed(header, 'join');
    this.#joined.open(into, input === 0 || !closes);
    for (const row of this.#meet(merged, input, now)) yield* this.#joined.add(row);
    if (!header.last) return;
    clock.closeBatch();
    if (!closes) return;
    yield* this.#release();
    yield this.#joined.close();
  }

  *end(ending: Envelope): Generator<Envelope> {
    // Nobody knows what a stream that failed would have brought: only of whole ones it is said that no partner came.
    if (ending.header.end === 'ok') {
      for (const clock of this.#clocks) clock.end();
      yield* this.#release();
    }
    if (this.#joined.isUnfinished) yield this.#joined.close();
    yield ending;
  }

  counters(): Record<string, number> {
    const counters = { rejected: this.#rejects.takeCount(), late: this.late.takeCount() };
    return Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0));
  }

  /** The pairs that the records of a part make, in order; the records are held from then on. */
  *#meet(envelope: Envelope, input: 0 | 1, now: number): Generator<string> {
    const { name } = this.#plan.inputs[input];
    const slices = [...recordSlices(envelope.payload)];
    for (const [index, record] of decodeRecords(envelope).entries()) {
      const held = this.#read[input](record, slices[index] as Buffer, now);
      if (typeof held === 'string') {
        const place = placeOf(envelope.header, index);
        this.#rejects.reject(record, name === undefined ? place : `${name}, ${place}`, held);
        continue;
      }
      this.#clocks[input].observe(held.time);
      if (held.time <= this.#watermark) this.late.add();
      else yield* this.#meetOne(held, input);
    }
  }

  *#meetOne(held: Held, input: 0 | 1): Generator<string> {
    const [own, other] = input === 0 ? this.#sides : [this.#sides[1], this.#sides[0]];
    for (const partner of other.partnersOf(held)) {
      held.hasPartner = true;
      partner.hasPartner = true;
      yield input === 0 ? pairText(held.fields, partner.fields) : pairText(partner.fields, held.fields);
    }
    if (held.identity === undefined && !this.#keepsAlone(input)) return;
    own.add(held);
    if (own.size + other.size > this.#plan.maxHeld) throw tooMany(this.#plan.maxHeld);
  }

  #keepsAlone(input: 0 | 1): boolean {
    return this.#plan.type === 'full' || this.#plan.type === (input === 0 ? 'left' : 'right');
  }

  /** A batch is over. Those that no partner can come for any more: of the left stream first, each in the order of time. */
  *#release(): Generator<Envelope> {
    this.#watermark = Math.min(...this.#clocks.map(({ watermark }) => watermark));
    for (const input of [0, 1] as const) {
      const released = this.#sides[input].release(this.#watermark);
      if (!this.#keepsAlone(input)) continue;
      for (const { fields, keys, hasPartner } of released) {
        if (hasPartner) continue;
        yield* this.#joined.add(
          input === 0 ? leftText(fields) : rightText(fields, this.#plan.inputs[0].keys, keys),
        );
      }
    }
  }
}

function tooMany(maxHeld: number): SluiceError {
  return new SluiceError(
    'badData',
    `more than ${maxHeld} records wait for a partner`,
    'a stream with nothing newer holds back the other one; a shorter --within or --lateness holds fewer, a larger --max-held allows more',
  );
}
