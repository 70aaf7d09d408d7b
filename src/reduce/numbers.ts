// Hot path. The numbers of each group of a table, for quantiles: one after another as they come, put in order by group when
// someone asks. Of a group that has more than `exactUpTo` there is a sketch instead, from the next time on that room is short.
import type { OfRanks } from './aggregates/aggregate.ts';
import {
  atRank,
  BucketCounts,
  clamped,
  exactUpTo,
  mergeSketches,
  newSketch,
  sketchOf,
  type Sketch,
} from './aggregates/quantile-sketch.ts';
import { Ranks } from './ranks.ts';

/** By the table's numbers of its groups: how many numbers each has, all of them one group after another, and sketches. */
export type ExportedNumbers = {
  readonly counts: Uint32Array;
  readonly numbers: Float64Array;
  /** Of groups that have too many, and so none of the numbers. Not to be changed. */
  readonly sketches: readonly (readonly [group: number, sketch: Sketch])[];
};

/** A column of results, and which of them it is. */
export type RankedColumn = { readonly place: number; readonly ofRanks: OfRanks };

const ranks = new Ranks();

/** So many numbers are kept before those of groups that have many are rounded, which is faster for many at a time. */
const worthRounding = 16 * 1024;
let bucketCounts: BucketCounts | undefined;

export class Numbers {
  #numbers: Float64Array;
  #groups: Uint32Array;
  #length = 0;
  /** How many of them each group has. */
  #counts: Uint32Array;
  readonly #sketches = new Map<number, Sketch>();
  /** Whether some group has numbers that belong into a sketch. */
  #hasMany = false;

  /** `expected`: how many there are going to be, as far as one can tell. */
  constructor(expected = 256) {
    this.#numbers = new Float64Array(expected);
    this.#groups = new Uint32Array(expected);
    this.#counts = new Uint32Array(expected);
  }

  add(group: number, number: number): void {
    if (this.#length === this.#numbers.length) this.#makeRoom();
    if (group >= this.#counts.length) this.#counts = grown(this.#counts, group + 1);
    this.#numbers[this.#length] = clamped(number);
    this.#groups[this.#length] = group;
    this.#length += 1;
    const count = (this.#counts[group] as number) + 1;
    this.#counts[group] = count;
    if (count > exactUpTo) this.#hasMany = true;
  }

  /** Adds what another table has, whose groups are here those that `groupOf` has in their places. */
  absorb({ counts, numbers, sketches }: ExportedNumbers, groupOf: Uint32Array): void {
    let at = 0;
    for (let index = 0; index < counts.length; index += 1) {
      const group = groupOf[index] as number;
      for (const end = at + (counts[index] as number); at < end; at += 1)
        this.add(group, numbers[at] as number);
    }
    for (const [index, sketch] of sketches) mergeSketches(this.#sketchOf(groupOf[index] as number), sketch);
  }

  /** Of a table of `size` groups. */
  export(size: number): ExportedNumbers {
    this.#round();
    const counts = new Uint32Array(size);
    counts.set(this.#counts.subarray(0, size));
    const ends = new Uint32Array(size);
    for (let group = 0, end = 0; group < size; group += 1) {
      ends[group] = end;
      end += counts[group] as number;
    }
    const numbers = new Float64Array(this.#length);
    for (let index = 0; index < this.#length; index += 1) {
      const group = this.#groups[index] as number;
      const end = ends[group] as number;
      numbers[end] = this.#numbers[index] as number;
      ends[group] = end + 1;
    }
    return { counts, numbers, sketches: [...this.#sketches] };
  }

  /**
   * Fills in the results of all groups, `each` for each, at the places of `columns`; NaN where a group has no numbers.
   */
  fillIn(results: Float64Array, each: number, columns: readonly RankedColumn[]): void {
    const size = results.length / each;
    const { counts, numbers } = this.export(size);
    let at = 0;
    for (let group = 0; group < size; group += 1) {
      const count = counts[group] as number;
      ranks.take(numbers, at, count);
      at += count;
      for (let index = 0; index < columns.length; index += 1) {
        const { place, ofRanks } = columns[index] as RankedColumn;
        results[group * each + place] = count === 0 ? Number.NaN : ofRanks(count, ranks.at);
      }
    }
    for (const [group, sketch] of this.#sketches) {
      for (const { place, ofRanks } of columns)
        results[group * each + place] = ofRanks(sketch.count, (rank) => atRank(sketch, rank));
    }
  }

  /** The states of an aggregate, for a table of `size` groups; not to be changed. */
  states(size: number): Sketch[] {
    const { counts, numbers, sketches } = this.export(size);
    let at = 0;
    const states = Array.from(counts, (count) => sketchOf(numbers.subarray(at, (at += count))));
    for (const [group, sketch] of sketches) states[group] = sketch;
    return states;
  }

  #makeRoom(): void {
    this.#round();
    if (this.#length < this.#numbers.length / 2 && this.#numbers.length >= worthRounding) return;
    this.#numbers = grown(this.#numbers, this.#numbers.length + 1);
    this.#groups = grown(this.#groups, this.#groups.length + 1);
  }

  /** Moves the numbers of groups that have many into sketches. */
  #round(): void {
    if (!this.#hasMany && this.#sketches.size === 0) return;
    const counts = (bucketCounts ??= new BucketCounts());
    let left = 0;
    for (let index = 0; index < this.#length; index += 1) {
      const group = this.#groups[index] as number;
      const number = this.#numbers[index] as number;
      const isMany = (this.#counts[group] as number) > exactUpTo || this.#sketches.has(group);
      if (isMany) counts.add(this.#sketchOf(group), group, number);
      else {
        this.#numbers[left] = number;
        this.#groups[left] = group;
        left += 1;
      }
    }
    counts.flush();
    this.#length = left;
    for (const group of this.#sketches.keys()) this.#counts[group] = 0;
    this.#hasMany = false;
  }

  #sketchOf(group: number): Sketch {
    const known = this.#sketches.get(group);
    if (known) return known;
    const sketch = newSketch();
    this.#sketches.set(group, sketch);
    return sketch;
  }
}

/** In an array of at least twice the size that has a place for so many. */
function grown<Kind extends Uint32Array | Float64Array>(numbers: Kind, needed: number): Kind {
  const length = 2 ** Math.ceil(Math.log2(Math.max(needed, 2 * numbers.length)));
  const larger = new (numbers.constructor as new (length: number) => Kind)(length);
  larger.set(numbers);
  return larger;
}
