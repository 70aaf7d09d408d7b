// Hot path. Where a record goes: to the partition of its key's hash; or, of a key that has more than its share of all records, to
// whichever partition has least, or to a piece of work of its own, which need not wait for the end of the batch. That depends on the
// stream alone, so that results never depend on the workers.
import type { Identity } from '../../record/identity.ts';
import { HotKeys } from './hot-keys.ts';

/** How far keys are split: not at all, over so many partitions, or into as many shares as there are. */
export type Salt = 'off' | 'auto' | number;

/** What became of a batch, or of a pane. */
export type Balance = {
  /** The fullest partition, as a multiple of what each would have of an even division; and if no key had been split. */
  readonly imbalance: number;
  readonly unsalted: number;
  /** Keys with more than their share, and what part of the records they have. */
  readonly hot: readonly { readonly key: Identity; readonly share: number }[];
};

/** Before so many records nobody knows what is frequent. */
const leastRecords = 1024;
/** So many records of a hot key follow one another to the same partition. */
const runLength = 64;
/** Records of a share: so many that its result costs little beside them, and few beside what a partition has. */
const shortestShare = 256;
const longestShare = 16_384;
/** Of an even partition, as far as it has come. */
const partOfPartition = 1 / 8;

/** Where records of a hot key go at the moment, and for how many more. */
type Split = { left: number; partition: number; place: number };

export class Router {
  readonly #count: number;
  readonly #salt: Salt;
  #hotKeys = new HotKeys();
  /** Of hot keys: how many records were split, and where the last of them went. */
  #splits = new Map<Identity, Split>();
  /** How many records each share has when it is full. */
  #shares: number[] = [];
  /** Records of each partition, and what it would be without salt. */
  #loads: Uint32Array;
  #unsalted: Uint32Array;

  constructor(partitions: number, salt: Salt) {
    this.#count = partitions;
    this.#salt = salt;
    this.#loads = new Uint32Array(partitions);
    this.#unsalted = new Uint32Array(partitions);
  }

  /** The partition of a record with this key, from 0; the numbers behind all partitions are shares, each of one key. */
  placeOf(key: Identity): number {
    const home = hashOf(key) % this.#count;
    this.#unsalted[home] = (this.#unsalted[home] as number) + 1;
    const seen = this.#hotKeys.add(key);
    const { total } = this.#hotKeys;
    const isHot = this.#salt !== 'off' && total >= leastRecords && seen * this.#count * 2 > total;
    if (!isHot) {
      this.#load(home);
      return home;
    }
    const { partition, place } = this.#split(key, home);
    this.#load(partition);
    return place;
  }

  #load(partition: number): void {
    this.#loads[partition] = (this.#loads[partition] as number) + 1;
  }

  /** What there is to say of all records since the last call, which begins anew. */
  takeBalance(): Balance {
    const { total } = this.#hotKeys;
    const even = total / this.#count;
    const fullest = (loads: Uint32Array): number => (total === 0 ? 1 : Math.max(...loads) / even);
    const balance = {
      imbalance: fullest(this.#loads),
      unsalted: fullest(this.#unsalted),
      hot: total < leastRecords ? [] : this.#hotKeys.above(1 / (2 * this.#count)),
    };
    this.#hotKeys = new HotKeys();
    this.#splits = new Map();
    this.#shares = [];
    this.#loads.fill(0);
    this.#unsalted.fill(0);
    return balance;
  }

  /** Whether this is a share that has all of its records, if it has so many. */
  isFull(place: number, records: number): boolean {
    return this.#shares[place - this.#count] === records;
  }

  #split(key: Identity, home: number): Split {
    let split = this.#splits.get(key);
    if (!split) this.#splits.set(key, (split = { left: 0, partition: home, place: home }));
    if (split.left === 0) {
      split.partition = this.#leastLoaded(home);
      if (this.#salt === 'auto') {
        split.left = this.#shareLength();
        split.place = this.#count + this.#shares.push(split.left) - 1;
      } else {
        split.left = runLength;
        split.place = split.partition;
      }
    }
    split.left -= 1;
    return split;
  }

  #shareLength(): number {
    const wanted = Math.floor((this.#hotKeys.total / this.#count) * partOfPartition);
    return Math.max(shortestShare, Math.min(longestShare, wanted));
  }

  /** Of the partitions that a key may be split over: its own and those behind it. */
  #leastLoaded(home: number): number {
    const among = this.#salt === 'auto' ? this.#count : Math.min(this.#salt as number, this.#count);
    let least = home;
    for (let step = 1; step < among; step += 1) {
      const partition = (home + step) % this.#count;
      if ((this.#loads[partition] as number) < (this.#loads[least] as number)) least = partition;
    }
    return least;
  }
}

/** FNV-1a over the characters of a text, or of the text of a number. */
function hashOf(key: Identity): number {
  const text = typeof key === 'string' ? key : String(key);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // The low bits alone would go by the last character.
  return (hash ^ (hash >>> 15)) >>> 0;
}
