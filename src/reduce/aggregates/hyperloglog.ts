// How many different values there are, in 16 KiB: HyperLogLog with 2^14 registers and Ertl's estimator ("New
// cardinality estimation algorithms for HyperLogLog sketches", 2017), which needs no tables against bias. Standard error
// 1.04/√2^14 = 0.81 %. Up to `exactUpTo` values their hashes are kept, and the number is exact. All depends on the set of
// values alone.
import type { Json } from '../../envelope/json.ts';
import { hashOf } from './hash.ts';

export const exactUpTo = 512;

const registerBits = 14;
const registerCount = 2 ** registerBits;
/** Of a hash's 53 bits, those behind the number of the register, in the upper word and in the lower. */
const upperBits = 21 - registerBits;
const restBits = upperBits + 32;

export type HyperLogLog = {
  /** Hashes, below 2^53, as long as they are few. */
  hashes: Set<number>;
  /** For each register the longest run of zeros seen, and one. */
  registers: Uint8Array | undefined;
};

export function newHyperLogLog(): HyperLogLog {
  return { hashes: new Set(), registers: undefined };
}

export function addValue(state: HyperLogLog, value: Json): void {
  const { high21, low32 } = hashOf(value);
  addHash(state, high21 * 2 ** 32 + low32);
}

export function mergeHyperLogLogs(state: HyperLogLog, other: HyperLogLog): void {
  for (const hash of other.hashes) addHash(state, hash);
  if (!other.registers) return;
  const registers = toRegisters(state);
  for (const [index, rank] of other.registers.entries()) {
    if (rank > (registers[index] as number)) registers[index] = rank;
  }
}

export function estimate({ hashes, registers }: HyperLogLog): number {
  return registers ? Math.round(ertl(registers)) : hashes.size;
}

/** A sorted list of hashes, or the registers as text of a letter each. */
export function encodeHyperLogLog({ hashes, registers }: HyperLogLog): Json {
  if (!registers) return [...hashes].toSorted((one, other) => one - other);
  return Array.from(registers, (rank) => alphabet[rank]).join('');
}

export function decodeHyperLogLog(json: Json): HyperLogLog | undefined {
  if (typeof json === 'string') {
    const registers = Uint8Array.from(json, (letter) => alphabet.indexOf(letter));
    const isRight = registers.length === registerCount && registers.every((rank) => rank <= restBits + 1);
    return isRight ? { hashes: new Set(), registers } : undefined;
  }
  if (!Array.isArray(json) || json.length > exactUpTo) return undefined;
  const isHash = (hash: Json): hash is number => Number.isSafeInteger(hash) && Number(hash) >= 0;
  return json.every(isHash) ? { hashes: new Set(json), registers: undefined } : undefined;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function addHash(state: HyperLogLog, hash: number): void {
  if (state.registers) addToRegister(state.registers, hash);
  else if (state.hashes.add(hash).size > exactUpTo) toRegisters(state);
}

function toRegisters(state: HyperLogLog): Uint8Array {
  if (state.registers) return state.registers;
  const registers = new Uint8Array(registerCount);
  for (const hash of state.hashes) addToRegister(registers, hash);
  state.hashes = new Set();
  state.registers = registers;
  return registers;
}

function addToRegister(registers: Uint8Array, hash: number): void {
  const upper = Math.floor(hash / 2 ** 32);
  const index = upper >>> upperBits;
  const rest = upper & (2 ** upperBits - 1);
  const zeros = rest === 0 ? upperBits + Math.clz32(hash % 2 ** 32) : Math.clz32(rest) - (32 - upperBits);
  if (zeros + 1 > (registers[index] as number)) registers[index] = zeros + 1;
}

function ertl(registers: Uint8Array): number {
  const counts = Array.from({ length: restBits + 2 }, () => 0);
  for (const rank of registers) counts[rank] = (counts[rank] as number) + 1;
  let sum = registerCount * tau((registerCount - (counts[restBits + 1] as number)) / registerCount);
  for (let rank = restBits; rank >= 1; rank -= 1) sum = (sum + (counts[rank] as number)) / 2;
  sum += registerCount * sigma((counts[0] as number) / registerCount);
  return registerCount ** 2 / (2 * Math.LN2 * sum);
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [power, weight, sum] = [share, 1, share];
  for (let before = Number.NaN; sum !== before; weight *= 2) {
    before = sum;
    power *= power;
    sum += power * weight;
  }
  return sum;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [root, weight, sum] = [share, 1, 1 - share];
  for (let before = Number.NaN; sum !== before;) {
    before = sum;
    root = Math.sqrt(root);
    weight /= 2;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
