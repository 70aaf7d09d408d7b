// What a result comes down to, whatever the order of its rows: how many there are, the sum of their counts, and a sum
// of hashes. Five million rows are compared without keeping them. Keys are latin1 strings, one character a byte.

/**
 * @typedef {{ rows: number, total: number, hash: number }} Summary
 */

export class Digest {
  rows = 0;
  total = 0;
  hash = 0;

  /**
   * @param {string[]} keys
   * @param {number[]} values the first is the count
   */
  add(keys, values) {
    const text = `${keys.join('\t')}\t${values.join('\t')}`;
    let hash = 0x811c9dc5;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    // The last step spreads each hash, or differences of neighbouring counts would cancel out in the sum.
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    this.hash = (this.hash + ((hash ^ (hash >>> 13)) >>> 0)) % 2 ** 48;
    this.rows++;
    this.total += values[0] ?? 0;
  }

  /** @returns {Summary} */
  summary() {
    return { rows: this.rows, total: this.total, hash: this.hash };
  }
}
