// Which partition a key belongs to: as Java's producers choose, so that all writers of a topic agree. (Austin Appleby's
// MurmurHash2 with the seed that Kafka uses; org.apache.kafka.common.utils.Utils.murmur2.)
const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

export function partitionFor(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const byte = (at: number): number => bytes[at] as number;
  let hash = seed ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let part = byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
    part = Math.imul(part, multiplier);
    part ^= part >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(part, multiplier);
  }
  if (at < length) {
    for (let rest = length - 1; rest >= at; rest -= 1) hash ^= byte(rest) << (8 * (rest - at));
    hash = Math.imul(hash, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}
