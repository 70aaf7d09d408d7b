// Sessions: records of a key whose ranges [time, time + gap) overlap. A session is written once, when the watermark
// has passed its end; only those that are open are held.
//
//   records   a     b         c              gap 5
//             [-----)
//                   [-----)                  begins where the first range ends: another session
//                       ⋮     [-----)
//
// Spark also merges ranges that only touch. There a record that comes just when its session ends belongs to that or
// not, depending on where batches were cut; here it never does.
import type { Envelope, Header, Reduced } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { decodeRecords } from '../envelope/records.ts';
import type { Rejects } from '../stage/rejects.ts';
import type { TimeOf } from '../time/time-of.ts';
import { formatTime } from '../time/epoch.ts';
import { placeOf } from '../record/messages.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import { refuseDuplicates } from './expression.ts';
import { foldFor, type Fold } from './fold.ts';
import { decodeGroup, encodeGroup } from './group-snapshot.ts';
import { Groups, identityOfGroup, sortGroups, type Group } from './groups.ts';
import type { Keeper } from './keeper.ts';
import type { WindowRows } from './parts.ts';
import { tooManySessions } from './refusals.ts';
import { keyByName, type ReducePlan } from './plan.ts';
import { pieces, rowEncoder, type RowSettings, type RowSource } from './rows.ts';

type Session = Group & { start: number; end: number };

export class SessionKeeper implements Keeper {
  readonly isWindowed = true;
  /** The rows have two keys more. */
  readonly reduced: Reduced;
  readonly #plan: ReducePlan;
  readonly #gap: number;
  readonly #timeOf: TimeOf;
  readonly #rejects: Rejects;
  readonly #aggregates: readonly AnyAggregate[];
  readonly #fold: Fold;
  /** The open sessions of each key, by time. */
  readonly #sessions = new Map<Json, Session[]>();
  #open = 0;

  constructor(
    plan: ReducePlan,
    upstream: Reduced | undefined,
    gap: number,
    timeOf: TimeOf,
    rejects: Rejects,
  ) {
    const edges = ['window_start', 'window_end'];
    refuseDuplicates([...edges, ...plan.reduced.keys, ...Object.keys(plan.reduced.aggregates)]);
    this.reduced = { ...plan.reduced, keys: [...edges, ...plan.reduced.keys] };
    this.#plan = { ...plan, keys: [...edges.map(keyByName), ...plan.keys], reduced: this.reduced };
    this.#gap = gap;
    this.#timeOf = timeOf;
    this.#rejects = rejects;
    this.#aggregates = plan.columns.map(({ aggregate }) => aggregate);
    this.#fold = foldFor(plan, upstream);
  }

  fold(envelope: Envelope, now: number): void {
    // Each record by itself first: it may be rejected, and it may join several sessions.
    const single = new Groups(this.#aggregates);
    const records = decodeRecords(envelope);
    const foldOne = this.#fold(records);
    for (const [index, record] of records.entries()) {
      const time = this.#timeOf(record, now);
      const reason = typeof time === 'string' ? time : foldOne(index, single);
      if (reason !== undefined) this.#rejects.reject(record, placeOf(envelope.header, index), reason);
      if (typeof time === 'string') continue;
      for (const { key, states } of single.takeAll())
        this.#join({ key, states, start: time, end: time + this.#gap });
    }
  }

  /** Sessions in the order of their end, start and key. */
  *close({ watermark, end }: Header): Generator<WindowRows> {
    const until = end === undefined ? watermark : Number.POSITIVE_INFINITY;
    const ended = until === undefined ? [] : this.#takeEnded(until);
    if (ended.length === 0) return;
    const inOrder = sortGroups(ended).sort((one, other) => one.end - other.end || one.start - other.start);
    yield { rows: this.#rowsOf(inOrder) };
  }

  closesAtEnd(): boolean {
    return this.#sessions.size > 0;
  }

  snapshot(): Json {
    return [...this.#sessions.values()]
      .flat()
      .map((session) => encodeGroup(session, this.#aggregates).concat(session.start, session.end));
  }

  restore(snapshot: Json): void {
    for (const json of snapshot as Json[][]) {
      const [start, end] = json.slice(3) as [number, number];
      const session = { ...decodeGroup(json, this.#aggregates), start, end };
      this.#open += 1;
      const identity = identityOfGroup(session.key);
      const known = this.#sessions.get(identity);
      if (known) known.push(session);
      else this.#sessions.set(identity, [session]);
    }
  }

  #rowsOf(sessions: readonly Session[]): RowSource {
    const plan = this.#plan;
    function* texts(settings: RowSettings): Generator<string> {
      const encode = rowEncoder(plan, settings);
      for (const { key, states, start, end } of sessions)
        yield encode([formatTime(start), formatTime(end), ...key], states, { start, end });
    }
    return { rows: (settings) => pieces(texts(settings), settings.partSize), free: () => undefined };
  }

  #join(added: Session): void {
    const identity = identityOfGroup(added.key);
    const sessions = this.#sessions.get(identity);
    this.#open += 1;
    if (!sessions) this.#sessions.set(identity, [added]);
    else this.#putAmong(sessions, added);
    const { maxKeys } = this.#plan;
    if (maxKeys !== undefined && this.#open > maxKeys) throw tooManySessions(maxKeys);
  }

  #putAmong(sessions: Session[], added: Session): void {
    const first = sessions.findIndex(({ end }) => end > added.start);
    const from = first === -1 ? sessions.length : first;
    const behind = sessions.findIndex(({ start }, index) => index >= from && start >= added.end);
    const until = behind === -1 ? sessions.length : behind;
    // The older sessions first, then the record, which came last.
    const [oldest, ...younger] = sessions.slice(from, until);
    if (oldest) for (const session of [...younger, added]) this.#merge(oldest, session);
    sessions.splice(from, until - from, oldest ?? added);
    this.#open -= until - from;
  }

  #merge(session: Session, other: Session): void {
    session.start = Math.min(session.start, other.start);
    session.end = Math.max(session.end, other.end);
    for (const [index, aggregate] of this.#aggregates.entries())
      session.states[index] = aggregate.merge(session.states[index], other.states[index]);
  }

  #takeEnded(until: number): Session[] {
    const ended: Session[] = [];
    for (const [identity, sessions] of this.#sessions) {
      const open = sessions.findIndex(({ end }) => end > until);
      ended.push(...sessions.splice(0, open === -1 ? sessions.length : open));
      if (sessions.length === 0) this.#sessions.delete(identity);
    }
    this.#open -= ended.length;
    return ended;
  }
}
