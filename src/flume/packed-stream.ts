// A connection on which both sides pack all that they send, as agents with `compression-type = deflate` do: below TLS where there is
// TLS as well.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { constants, createDeflate, createInflate } from 'node:zlib';

export class PackedStream extends Duplex {
  readonly #socket: Socket;
  readonly #packing = createDeflate();
  readonly #unpacking = createInflate();

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    this.#packing.on('data', (bytes: Buffer) => socket.write(bytes));
    this.#unpacking.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) this.#unpacking.pause();
    });
    this.#unpacking.on('error', (error) => this.destroy(error));
    this.#unpacking.on('drain', () => socket.resume());
    socket.on('data', (bytes: Buffer) => {
      if (!this.#unpacking.write(bytes)) socket.pause();
    });
    socket.on('end', () => this.#unpacking.flush(() => this.push(null)));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    // Whoever looked at its first bytes has paused it.
    socket.resume();
  }

  override _read(): void {
    this.#unpacking.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#packing.write(bytes);
    this.#packing.flush(constants.Z_SYNC_FLUSH, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#packing.destroy();
    this.#unpacking.destroy();
    this.#socket.destroy();
    done(error);
  }
}

/** The head of zlib: what packed bytes begin with. TLS, and a frame of Flume, begin otherwise. */
export function isPackedHead(first: number, second: number): boolean {
  return first % 16 === 8 && (first * 256 + second) % 31 === 0;
}
