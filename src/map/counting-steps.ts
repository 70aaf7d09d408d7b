// Steps that go by where a record stands in the stream: --limit and --sample. What they hold is little, and a job that keeps
// state keeps it, so that the same records pass whenever it was killed.
import { blindStep, type Step } from './step.ts';

/** The first so many records of the stream. */
export function limitStep(most: number): Step {
  let passed = 0;
  const stays = (): boolean => passed < most && (passed += 1) > 0;
  return blindStep('--limit', stays, {
    snapshot: () => passed,
    restore: (held) => (passed = held as number),
  });
}

/** Each record with the same probability; the same ones for the same seed, however the stream is cut into parts. */
export function sampleStep(fraction: number, seed: number, index: number): Step {
  const random = new Random([seed, Math.floor(seed / 2 ** 32), index]);
  const limit = fraction * 2 ** 32;
  return blindStep('--sample', () => random.next() < limit, {
    snapshot: () => [...random.state],
    restore: (held) => random.state.set(held as number[]),
  });
}

/** sfc32 (Doty-Humphrey, PractRand): 128 bits of state, of which one word counts, so that no seed has a short period. */
class Random {
  readonly state: Uint32Array;

  constructor(seed: readonly [number, number, number]) {
    this.state = Uint32Array.of(...seed, 1);
    // Seeds that differ in few bits differ in all of them after so many steps.
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    const { state } = this;
    const [a = 0, b = 0, c = 0, count = 0] = state;
    const result = (a + b + count) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    state[3] = count + 1;
    return result;
  }
}
