// Quantiles of any number of numbers in bounded space. Up to `exactUpTo` numbers are kept as they are; beyond that each
// is rounded to 8 significant bits and counted (a DDSketch whose buckets are cut by the bits of a double): a quantile
// is off by at most 1/256 of itself. Which of both it is, and every count, depends on the numbers alone, not on their
// order or on how states were merged. Zero, negative numbers and integers up to 256 are exact in any case;
// below 2^-1022 the error is absolute. There are at most 2^19 buckets, some 128 for each doubling of the range.
import { asNumber } from './total.ts';
import type { Json } from '../../envelope/json.ts';
import { asCount } from './count.ts';

export const exactUpTo = 512;
/** A power of two. */
const places = 4096;

export type Sketch = {
  count: number;
  least: number;
  greatest: number;
  /** All numbers, as long as they are few. */
  values: number[];
  /** Bucket → numbers in it; undefined as long as they are few. */
  buckets: Map<number, number> | undefined;
};

export function newSketch(): Sketch {
  return { count: 0, least: Infinity, greatest: -Infinity, values: [], buckets: undefined };
}

/** What JSON has beyond the largest double counts as the largest; and −0 as 0. */
export function clamped(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)) + 0;
}

export function addNumber(sketch: Sketch, value: number): void {
  const number = clamped(value);
  sketch.count += 1;
  if (number < sketch.least) sketch.least = number;
  if (number > sketch.greatest) sketch.greatest = number;
  if (sketch.buckets) addToBucket(sketch.buckets, bucketOf(number), 1);
  else if (sketch.values.push(number) > exactUpTo) toBuckets(sketch);
}

/** Hot. Many numbers into sketches: those that round to the same bucket are counted before it is looked up. */
export class BucketCounts {
  readonly #sketches: (Sketch | undefined)[] = Array.from({ length: places }, () => undefined);
  readonly #buckets = new Int32Array(places);
  readonly #counts = new Uint32Array(places);

  /** `spread` keeps the buckets of different sketches apart, any number of its own for each. */
  add(sketch: Sketch, spread: number, number: number): void {
    sketch.count += 1;
    if (number < sketch.least) sketch.least = number;
    if (number > sketch.greatest) sketch.greatest = number;
    const bucket = bucketOf(number);
    const place = (bucket + spread * 769) & (places - 1);
    if (this.#sketches[place] === sketch && this.#buckets[place] === bucket) {
      this.#counts[place] = (this.#counts[place] as number) + 1;
      return;
    }
    this.#empty(place);
    this.#sketches[place] = sketch;
    this.#buckets[place] = bucket;
    this.#counts[place] = 1;
  }

  /** Until then what was added is in no sketch. */
  flush(): void {
    for (let place = 0; place < places; place += 1) this.#empty(place);
  }

  #empty(place: number): void {
    const sketch = this.#sketches[place];
    if (!sketch) return;
    addToBucket(toBuckets(sketch), this.#buckets[place] as number, this.#counts[place] as number);
    this.#sketches[place] = undefined;
  }
}

export function sketchOf(numbers: Iterable<number>): Sketch {
  const sketch = newSketch();
  for (const number of numbers) addNumber(sketch, number);
  return sketch;
}

export function mergeSketches(sketch: Sketch, other: Sketch): void {
  if (!other.buckets) {
    for (const number of other.values) addNumber(sketch, number);
    return;
  }
  const buckets = toBuckets(sketch);
  for (const [bucket, count] of other.buckets) addToBucket(buckets, bucket, count);
  sketch.count += other.count;
  sketch.least = Math.min(sketch.least, other.least);
  sketch.greatest = Math.max(sketch.greatest, other.greatest);
}

/** What is left of few numbers without others that are among them. */
export function withoutNumbers({ values }: Sketch, others: readonly number[]): Sketch {
  const left = [...values];
  // What leaves first came first, so it is mostly found at the front.
  for (const number of others) left.splice(left.indexOf(number), 1);
  return sketchOf(left);
}

/** Takes a number away that was rounded and counted here. Where it was an extreme, that is NaN: not known any more. */
export function takeNumber(sketch: Sketch, number: number): void {
  takeExtreme(sketch, number, number);
  takeFromBucket(sketch, bucketOf(number), 1);
}

/** Takes another sketch away, rounded too, that was merged into this one. */
export function takeSketch(sketch: Sketch, { buckets, least, greatest }: Sketch): void {
  takeExtreme(sketch, least, greatest);
  for (const [bucket, count] of buckets ?? []) takeFromBucket(sketch, bucket, count);
}

/** The number of that rank, counted from 1. */
export function atRank(sketch: Sketch, rank: number): number {
  if (!sketch.buckets) return sorted(sketch.values)[rank - 1] ?? Number.NaN;
  if (rank === 1) return sketch.least;
  if (rank === sketch.count) return sketch.greatest;
  let seen = 0;
  for (const bucket of inOrder(sketch.buckets)) {
    seen += sketch.buckets.get(bucket) as number;
    if (seen >= rank) return Math.max(sketch.least, Math.min(sketch.greatest, valueOf(bucket)));
  }
  return sketch.greatest;
}

/** `[1,2,3]`, or `{"min":1,"max":900,"counts":[[1,400],[900,200]]}`. */
export function encodeSketch({ values, buckets, least, greatest }: Sketch): Json {
  if (!buckets) return sorted(values);
  return { min: least, max: greatest, counts: encodeBuckets(buckets) };
}

export function decodeSketch(json: Json): Sketch | undefined {
  const sketch = newSketch();
  if (Array.isArray(json)) {
    const numbers = json.map(asNumber);
    if (numbers.length > exactUpTo || !numbers.every((number) => number !== undefined)) return undefined;
    for (const number of numbers) addNumber(sketch, number);
    return sketch;
  }
  const { min, max, counts } = (json ?? {}) as { [name: string]: Json };
  const [least, greatest] = [asNumber(min), asNumber(max)];
  if (least === undefined || greatest === undefined || !Array.isArray(counts)) return undefined;
  const buckets = toBuckets(sketch);
  for (const entry of counts) {
    const [value, count] = Array.isArray(entry) ? entry : [];
    const number = asNumber(value);
    if (number === undefined || !asCount(count)) return undefined;
    addToBucket(buckets, bucketOf(number), Number(count));
    sketch.count += Number(count);
  }
  return sketch.count > exactUpTo ? { ...sketch, least, greatest } : undefined;
}

function toBuckets(sketch: Sketch): Map<number, number> {
  if (sketch.buckets) return sketch.buckets;
  const buckets = new Map<number, number>();
  for (const number of sketch.values) addToBucket(buckets, bucketOf(number), 1);
  sketch.values = [];
  sketch.buckets = buckets;
  return buckets;
}

function addToBucket(buckets: Map<number, number>, bucket: number, count: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
}

function takeFromBucket(sketch: Sketch, bucket: number, count: number): void {
  const left = (sketch.buckets?.get(bucket) ?? 0) - count;
  if (left > 0) sketch.buckets?.set(bucket, left);
  else sketch.buckets?.delete(bucket);
  sketch.count -= count;
}

function takeExtreme(sketch: Sketch, least: number, greatest: number): void {
  if (least === sketch.least) sketch.least = Number.NaN;
  if (greatest === sketch.greatest) sketch.greatest = Number.NaN;
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** Which of the words has the sign, the exponent and the first digits. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
/** Of its 20 bits of mantissa 7 are left; the bit before them is not written. */
const dropped = 20 - 7;
/** The bucket of what is negative and next to zero. */
const lowest = -(2 ** (31 - dropped));

/** The first bits of a double, rounded: numbers that round to the same 8 significant bits share them. */
function bucketOf(number: number): number {
  double[0] = number;
  return ((words[high] as number) + (1 << (dropped - 1))) >> dropped;
}

function valueOf(bucket: number): number {
  words[high] = bucket << dropped;
  words[1 - high] = 0;
  const value = double[0] as number;
  // The last half bucket before the largest double rounds to infinity.
  return Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE;
}

function encodeBuckets(buckets: ReadonlyMap<number, number>): [value: number, count: number][] {
  return Array.from(inOrder(buckets), (bucket) => [valueOf(bucket), buckets.get(bucket) as number]);
}

/** In the order of their values. Integers are sorted without a comparison of ours. */
function inOrder(buckets: ReadonlyMap<number, number>): Int32Array {
  return Int32Array.from(buckets.keys(), reflected).sort().map(reflected);
}

/** The bits of a double without its sign count upwards, those of a negative one away from zero. */
function reflected(bucket: number): number {
  return bucket < 0 ? lowest - 1 - bucket : bucket;
}

function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}
