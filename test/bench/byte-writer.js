// Collects bytes and writes them a mebibyte at a time: a string per word would make the generators three times slower.
import { closeSync, openSync, writeSync } from 'node:fs';

const capacity = 1 << 20;

export class ByteWriter {
  written = 0;
  #used = 0;
  #buffer = Buffer.allocUnsafe(capacity);
  #file;

  /** @param {string} path */
  constructor(path) {
    this.#file = openSync(path, 'w');
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} start
   * @param {number} end
   */
  bytes(bytes, start, end) {
    if (this.#used + end - start > capacity) this.#flush();
    for (let index = start; index < end; index++) this.#buffer[this.#used++] = bytes[index] ?? 0;
  }

  /** @param {number} byte */
  byte(byte) {
    if (this.#used === capacity) this.#flush();
    this.#buffer[this.#used++] = byte;
  }

  /** @param {string} text ASCII only, below a mebibyte */
  ascii(text) {
    if (this.#used + text.length > capacity) this.#flush();
    this.#used += this.#buffer.latin1Write(text, this.#used);
  }

  get length() {
    return this.written + this.#used;
  }

  close() {
    this.#flush();
    closeSync(this.#file);
  }

  #flush() {
    let start = 0;
    while (start < this.#used) start += writeSync(this.#file, this.#buffer, start, this.#used - start);
    this.written += this.#used;
    this.#used = 0;
  }
}
