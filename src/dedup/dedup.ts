// Records → the first record of each id. Payloads pass as they are where nothing is left out of them.
import type { Envelope, Header } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords, recordSlices } from '../envelope/records.ts';
import { requireBatch } from '../envelope/sequence.ts';
import { SluiceError } from '../errors.ts';
import { keyOf, type KeyField } from '../join/key.ts';
import { detached, identityOfKey } from '../record/identity.ts';
import type { Core } from '../stage/core.ts';
import type { DeadLetter } from '../stage/dead-letters.ts';
import type { Rejects } from '../stage/rejects.ts';
import { Spans } from '../time/spans.ts';
import type { TimeOf } from '../time/time-of.ts';
import type { LateRecords } from '../window/late.ts';
import { Watermark } from '../window/watermark.ts';
import { formatTime } from '../time/epoch.ts';
import { placeOf } from '../record/messages.ts';

export type DedupPlan = {
  readonly keys: readonly KeyField[];
  readonly maxKeys: number;
  /** When ids are forgotten; absent: never. */
  readonly forgetting?: {
    /** Milliseconds. */
    readonly within: number;
    readonly time: TimeOf;
    readonly late: LateRecords;
  };
};

export class DedupCore implements Core {
  readonly #plan: DedupPlan;
  readonly #rejects: Rejects;
  readonly #ids = new Set<Json>();
  readonly #watermark: Watermark;
  readonly #first: Spans<{ readonly time: number; readonly id: Json }>;
  #duplicates = 0;

  constructor(plan: DedupPlan, rejects: Rejects) {
    this.#plan = plan;
    this.#rejects = rejects;
    const { within = 0 } = plan.forgetting ?? {};
    this.#watermark = new Watermark(within, undefined);
    this.#first = new Spans(2 * within);
  }

  *accept({ header, payload }: Envelope, now: number): Generator<Envelope> {
    if (this.#plan.forgetting) requireBatch(header, 'dedup --within');
    const records = decodeRecords({ header, payload });
    const kept = records.map((record, index) => this.#isFirst(record, header, index, now));
    this.#plan.forgetting?.late.flush();
    if (header.last) this.#forget(now);
    const count = kept.filter(Boolean).length;
    if (count === records.length) return yield { header, payload };
    const slices = [...recordSlices(payload)].filter((_, index) => kept[index]);
    const rest = Buffer.from(slices.map((slice) => slice.toString('utf8')).join(','));
    yield { header: { ...header, n: count }, payload: rest };
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }

  snapshot(): Json {
    const first = this.#plan.forgetting ? this.#first.all().map(({ time, id }) => ({ time, id })) : null;
    return { watermark: this.#watermark.snapshot(), ids: [...this.#ids], first };
  }

  restore(snapshot: Json): void {
    const { watermark, ids, first } = snapshot as {
      watermark: Json;
      ids: Json[];
      first: { time: number; id: Json }[] | null;
    };
    this.#watermark.restore(watermark);
    for (const id of ids) this.#ids.add(id);
    for (const item of first ?? []) this.#first.add(item);
  }

  counters(): Record<string, number> {
    const counters = { duplicates: this.#duplicates, rejected: this.#rejects.takeCount() };
    this.#duplicates = 0;
    const counted = Object.entries(counters).filter(([, count]) => count > 0);
    return { ...Object.fromEntries(counted), ...this.#plan.forgetting?.late.takeCounts() };
  }

  #isFirst(record: Json, header: Header, index: number, now: number): boolean {
    const { keys, forgetting } = this.#plan;
    const values = keyOf(keys, record);
    const time = forgetting?.time(record, now) ?? 0;
    const hasId = values.some((value) => value !== null);
    if (!hasId || typeof time === 'string') {
      const names = keys.map(({ name }) => name).join(',');
      const reason = typeof time === 'string' ? time : `it has no ${names} to tell it by`;
      this.#rejects.reject(record, placeOf(header, index), reason);
      return false;
    }
    if (forgetting && !this.#isInTime(time, () => ({ record, place: placeOf(header, index) }))) return false;
    const id = identityOfKey(values);
    if (this.#ids.has(id)) {
      this.#duplicates += 1;
      return false;
    }
    this.#remember(id, time);
    return true;
  }

  #isInTime(time: number, tell: () => Omit<DeadLetter, 'reason'>): boolean {
    const watermark = this.#watermark.value ?? Number.NEGATIVE_INFINITY;
    this.#watermark.see(time);
    if (time >= watermark) return true;
    const reason = `${formatTime(time)} is too late: the watermark is ${formatTime(watermark)}`;
    this.#plan.forgetting?.late.add('late', () => ({ ...tell(), reason }));
    return false;
  }

  #remember(id: Json, time: number): void {
    const { maxKeys, forgetting } = this.#plan;
    if (this.#ids.size >= maxKeys) throw tooMany(maxKeys, forgetting !== undefined);
    const remembered = detached(id);
    this.#ids.add(remembered);
    if (forgetting) this.#first.add({ time, id: remembered });
  }

  /** A batch is over: what it holds counts from now on. */
  #forget(now: number): void {
    const { forgetting } = this.#plan;
    if (!forgetting) return;
    this.#watermark.advance(now, false);
    const { value = Number.NEGATIVE_INFINITY } = this.#watermark;
    for (const { id } of this.#first.release(value - forgetting.within)) this.#ids.delete(id);
  }
}

function tooMany(maxKeys: number, forgets: boolean): SluiceError {
  const fewer = forgets
    ? 'a shorter --within remembers fewer'
    : '--within and --time forget those that are old';
  return new SluiceError(
    'badData',
    `more than ${maxKeys} ids to remember`,
    `${fewer}, a larger --max-keys allows more`,
  );
}
