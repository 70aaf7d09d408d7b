// Hot path. The numbers of each group of a window that slides, for quantiles: what came first leaves first. Of a group that
// has more than `exactUpTo` there is a sketch as well. What came one by one is kept nevertheless: the group may have few again,
// and then it is exact again, as if what is left had been merged anew.
import {
  addNumber,
  atRank,
  exactUpTo,
  mergeSketches,
  sketchOf,
  takeNumber,
  takeSketch,
  type Sketch,
} from './aggregates/quantile-sketch.ts';
import { NumberQueues } from './number-queues.ts';
import type { ExportedNumbers, RankedColumn } from './numbers.ts';
import { Owners } from './owners.ts';
import { Ranks } from './ranks.ts';

const ranks = new Ranks();
const few = new Float64Array(exactUpTo);

export class SlidingNumbers {
  readonly #owners = new Owners();
  readonly #queues = new NumberQueues();
  /** Of owners with many numbers. Where numbers left, an extreme can be unknown: NaN. */
  readonly #sketches = new Map<number, Sketch>();
  /** What was absorbed and has not left, oldest first, and the owners of its groups. */
  readonly #inside: (ExportedNumbers & { readonly owners: Uint32Array })[] = [];
  /** The last results of each owner; 1 in `#isKnown` where they are right. */
  #results = new Float64Array(0);
  #isKnown = new Uint8Array(0);

  /** Adds what a table has, whose groups are here those that `groupOf` has in their places. */
  absorb(exported: ExportedNumbers, groupOf: Uint32Array): void {
    const { counts, numbers, sketches } = exported;
    const owners = this.#owners.ofAll(groupOf);
    let at = 0;
    for (let index = 0; index < counts.length; index += 1) {
      const owner = owners[index] as number;
      this.#isKnown[owner] = 0;
      for (const end = at + (counts[index] as number); at < end; at += 1)
        this.#add(owner, numbers[at] as number);
    }
    for (const [index, sketch] of sketches) {
      const owner = owners[index] as number;
      mergeSketches(this.#sketches.get(owner) ?? this.#round(owner), sketch);
      this.#isKnown[owner] = 0;
    }
    this.#inside.push({ ...exported, owners });
  }

  /**
   * Takes away what was absorbed first. `before`: what the table's groups that are left were numbered, where that has
   * changed.
   */
  leave(before: Uint32Array | undefined): void {
    const oldest = this.#inside.shift();
    if (!oldest) return;
    for (let index = 0; index < oldest.counts.length; index += 1)
      this.#take(oldest.owners[index] as number, oldest.counts[index] as number);
    for (const [index, sketch] of oldest.sketches) {
      const owner = oldest.owners[index] as number;
      takeSketch(this.#sketches.get(owner) as Sketch, sketch);
      this.#isKnown[owner] = 0;
    }
    for (const [owner, { count }] of this.#sketches) {
      // Half of it, lest one that comes and goes at the bound is made anew each time.
      if (count <= exactUpTo / 2) this.#sketches.delete(owner);
    }
    if (before) this.#owners.renumber(before);
  }

  /** What was absorbed as number `place` of what has not left. */
  entered(place: number): ExportedNumbers {
    return this.#inside[place] as ExportedNumbers;
  }

  /**
   * Fills in the results of all groups, `each` for each, at the places of `columns`, which are the same each time; NaN where
   * a group has no numbers. Only those of groups that changed are worked out anew.
   */
  fillIn(results: Float64Array, each: number, columns: readonly RankedColumn[]): void {
    const size = results.length / each;
    this.#makeRoom(columns.length);
    for (let group = 0; group < size; group += 1) {
      const owner = this.#owners.of(group);
      if (this.#isKnown[owner] !== 1) this.#refresh(owner, columns);
      for (let index = 0; index < columns.length; index += 1) {
        const { place } = columns[index] as RankedColumn;
        results[group * each + place] = this.#results[owner * columns.length + index] ?? Number.NaN;
      }
    }
  }

  /** The states of an aggregate, for a table of `size` groups; not to be changed. */
  states(size: number): Sketch[] {
    return Array.from({ length: size }, (_, group) => {
      const owner = this.#owners.of(group);
      return this.#sketchOf(owner) ?? sketchOf(this.#queues.all(owner));
    });
  }

  #add(owner: number, number: number): void {
    const count = this.#queues.push(owner, number);
    const sketch = this.#sketches.size > 0 ? this.#sketches.get(owner) : undefined;
    if (sketch) addNumber(sketch, number);
    else if (count > exactUpTo) this.#round(owner);
  }

  #take(owner: number, count: number): void {
    if (count === 0) return;
    this.#isKnown[owner] = 0;
    const sketch = this.#sketches.size > 0 ? this.#sketches.get(owner) : undefined;
    if (sketch)
      for (let index = 0; index < count; index += 1) takeNumber(sketch, this.#queues.at(owner, index));
    this.#queues.drop(owner, count);
  }

  #refresh(owner: number, columns: readonly RankedColumn[]): void {
    const sketch = this.#sketchOf(owner);
    const count = sketch?.count ?? this.#queues.countOf(owner);
    if (!sketch) ranks.take(few, 0, this.#queues.copy(owner, few));
    const numberAt = sketch ? (rank: number): number => atRank(sketch, rank) : ranks.at;
    for (let index = 0; index < columns.length; index += 1) {
      const { ofRanks } = columns[index] as RankedColumn;
      this.#results[owner * columns.length + index] = count === 0 ? Number.NaN : ofRanks(count, numberAt);
    }
    this.#isKnown[owner] = 1;
  }

  #makeRoom(columns: number): void {
    const { end } = this.#queues;
    if (this.#isKnown.length >= end) return;
    this.#results = new Float64Array(end * columns);
    this.#isKnown = new Uint8Array(end);
  }

  /** Undefined where what is there is exact. */
  #sketchOf(owner: number): Sketch | undefined {
    const sketch = this.#sketches.get(owner);
    if (!sketch || sketch.count <= exactUpTo) return undefined;
    if (Number.isNaN(sketch.least) || Number.isNaN(sketch.greatest)) this.#findExtremes(owner, sketch);
    return sketch;
  }

  #findExtremes(owner: number, sketch: Sketch): void {
    sketch.least = Number.POSITIVE_INFINITY;
    sketch.greatest = Number.NEGATIVE_INFINITY;
    const include = (least: number, greatest: number): void => {
      sketch.least = Math.min(sketch.least, least);
      sketch.greatest = Math.max(sketch.greatest, greatest);
    };
    for (const number of this.#queues.all(owner)) include(number, number);
    for (const { sketches, owners } of this.#inside) {
      for (const [index, { least, greatest }] of sketches)
        if (owners[index] === owner) include(least, greatest);
    }
  }

  #round(owner: number): Sketch {
    const sketch = sketchOf(this.#queues.all(owner));
    this.#sketches.set(owner, sketch);
    return sketch;
  }
}
