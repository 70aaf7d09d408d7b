// Values → 53 bits, the same on every machine and in every release: states that hold them travel and are kept.
import { stringifyJson, type Json } from '../../envelope/json.ts';

/** Hash of the value's JSON text: MurmurHash3 (x86, 32 bits) of its UTF-16, by two seeds. */
export function hashOf(value: Json): { high21: number; low32: number } {
  const text = stringifyJson(value);
  return { high21: murmur(text, 0x9747b28c) >>> 11, low32: murmur(text, 0x3c6ef372) };
}

function murmur(text: string, seed: number): number {
  let hash = seed;
  const even = text.length & ~1;
  for (let at = 0; at < even; at += 2) {
    hash ^= scrambled(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (even < text.length) hash ^= scrambled(text.charCodeAt(even));
  return mixed(hash ^ (text.length * 2));
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
