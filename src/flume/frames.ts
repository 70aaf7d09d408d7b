// The frames of Avro over Netty: `serial | number of buffers | (length | bytes) for each`, integers of 32 bits. A call and its answer
// have the same serial.

export type Frame = { readonly serial: number; readonly payload: Buffer };

/** What cannot be the beginning of a frame, in words. */
export class NoFrame extends Error {}

/** Bytes of a frame. A batch of Flume is hardly ever larger than one. */
const mostBytes = 32 * 1024 * 1024;
/** Netty's own are of 8 KiB. */
const mostBuffers = 1024 * 1024;

export class FrameReader {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #serial = 0;
  #buffersLeft = 0;
  /** Undefined between two buffers of a frame. */
  #wanted: number | undefined;
  #pieces: Buffer[] = [];
  #size = 0;
  #isWithin = false;

  /** Bytes that are kept, of a frame that is not whole. */
  get held(): number {
    return this.#length + this.#size + (this.#isWithin ? 8 : 0);
  }

  /** In so many pieces. */
  get pieces(): number {
    return this.#chunks.length + this.#pieces.length;
  }

  /** Throws NoFrame. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    for (;;) {
      if (!this.#isWithin) {
        if (this.#length < 8) return;
        this.#begin(this.#take(8));
      }
      while (this.#buffersLeft > 0) {
        if (this.#wanted === undefined) {
          if (this.#length < 4) return;
          this.#wanted = this.#checked(this.#take(4).readInt32BE());
        }
        if (this.#length < this.#wanted) return;
        if (this.#wanted > 0) this.#pieces.push(this.#take(this.#wanted));
        this.#size += this.#wanted;
        this.#wanted = undefined;
        this.#buffersLeft -= 1;
      }
      yield this.#end();
    }
  }

  #begin(head: Buffer): void {
    this.#serial = head.readInt32BE();
    this.#buffersLeft = head.readInt32BE(4);
    if (this.#buffersLeft < 0 || this.#buffersLeft > mostBuffers)
      throw new NoFrame(`a frame of ${this.#buffersLeft >>> 0} buffers is none`);
    this.#isWithin = true;
  }

  #checked(length: number): number {
    if (length < 0 || this.#size + length > mostBytes)
      throw new NoFrame(
        `a frame of ${this.#size + (length >>> 0)} bytes is longer than ${mostBytes >> 20} MiB`,
      );
    return length;
  }

  #end(): Frame {
    const payload = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    this.#isWithin = false;
    return { serial: this.#serial, payload };
  }

  /** The next `length` bytes, which are there. Each chunk is touched once. */
  #take(length: number): Buffer {
    this.#length -= length;
    const parts: Buffer[] = [];
    for (let left = length; left > 0;) {
      const [chunk] = this.#chunks as [Buffer];
      if (chunk.length > left) {
        this.#chunks[0] = chunk.subarray(left);
        parts.push(chunk.subarray(0, left));
        break;
      }
      this.#chunks.shift();
      parts.push(chunk);
      left -= chunk.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }
}

export function frameOf(serial: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(12 + payload.length);
  frame.writeInt32BE(serial, 0);
  frame.writeInt32BE(1, 4);
  frame.writeInt32BE(payload.length, 8);
  payload.copy(frame, 12);
  return frame;
}
