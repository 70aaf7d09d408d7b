// Key by key: which panes of a window a key is in, and its row, written anew only when the key came or went.
import { compareKeys, identityOfGroup, sortGroups, type Group } from './groups.ts';
import type { Json } from '../envelope/json.ts';
import type { AnyAggregate } from './aggregates/aggregate.ts';
import { KeyWindow } from './key-window.ts';
import type { ReducePlan } from './plan.ts';
import {
  overflowOf,
  pieces,
  rowEncoder,
  withOverflow,
  type RowEncoder,
  type Rows,
  type RowSettings,
} from './rows.ts';

type Member = { readonly key: readonly Json[]; readonly window: KeyWindow; row: string | undefined };

export class GroupSlide {
  readonly #aggregates: readonly AnyAggregate[];
  readonly #plan: ReducePlan;
  readonly #members = new Map<Json, Member>();
  /** The members that came with each pane, oldest first, and how many records of it stand under `_other`. */
  readonly #panes: { readonly members: Member[]; readonly overflow: number | undefined }[] = [];
  /** In the order of their keys, but for members that came or went since. */
  #order: Member[] = [];
  #come: Member[] = [];
  #hasGone = false;
  /** Of the interval that the rows were written for. */
  #length: number | undefined;

  constructor(plan: ReducePlan) {
    this.#aggregates = plan.columns.map(({ aggregate }) => aggregate);
    this.#plan = plan;
  }

  /** The groups of a pane, which stay as they are until it leaves. */
  enter(groups: Iterable<Group>): void {
    const members: Member[] = [];
    let overflow: number | undefined;
    for (const group of groups) {
      const member = this.#memberOf(group.key);
      member.window.enter(group.states);
      overflow ??= overflowOf(group);
      member.row = undefined;
      members.push(member);
    }
    this.#panes.push({ members, overflow });
  }

  leave(): void {
    for (const member of this.#panes.shift()?.members ?? []) {
      member.window.leave();
      member.row = undefined;
      if (member.window.size > 0) continue;
      this.#members.delete(identityOfGroup(member.key));
      this.#hasGone = true;
    }
  }

  rows(settings: RowSettings): Iterable<Rows> {
    const { interval } = settings;
    const length = interval && interval.end - interval.start;
    // Of an interval only its length counts, for a rate. It changes where days have 23 or 25 hours.
    if (length !== this.#length) for (const member of this.#members.values()) member.row = undefined;
    this.#length = length;
    const rows = pieces(this.#texts(rowEncoder(this.#plan, settings)), settings.partSize);
    const overflows = this.#panes.flatMap(({ overflow }) => overflow ?? []);
    const overflow = overflows.reduce((sum, records) => sum + records, 0);
    return withOverflow(rows, overflows.length > 0 ? overflow : undefined);
  }

  *#texts(encode: RowEncoder): Generator<string> {
    this.#putInOrder();
    for (const member of this.#order) yield (member.row ??= encode(member.key, member.window.states()));
  }

  #memberOf(key: readonly Json[]): Member {
    const identity = identityOfGroup(key);
    const known = this.#members.get(identity);
    if (known) return known;
    const member = { key, window: new KeyWindow(this.#aggregates), row: undefined };
    this.#members.set(identity, member);
    this.#come.push(member);
    return member;
  }

  #putInOrder(): void {
    if (this.#hasGone) this.#order = this.#order.filter(({ window }) => window.size > 0);
    if (this.#come.length > 0)
      this.#order = merged(this.#order, sortGroups(this.#come.filter(({ window }) => window.size > 0)));
    this.#come = [];
    this.#hasGone = false;
  }
}

/** Two lists in order as one. `few` are looked up in `many`: comparing keys costs more than copying members. */
function merged(many: readonly Member[], few: readonly Member[]): Member[] {
  const all: Member[] = [];
  let from = 0;
  for (const member of few) {
    const until = placeOf(member, many, from);
    for (; from < until; from += 1) all.push(many[from] as Member);
    all.push(member);
  }
  for (; from < many.length; from += 1) all.push(many[from] as Member);
  return all;
}

/** The first place from `low` on whose member comes behind this one. */
function placeOf({ key }: Member, members: readonly Member[], from: number): number {
  let low = from;
  let high = members.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys((members[middle] as Member).key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
