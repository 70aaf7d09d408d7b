// An agent packs all that it sends (`compression-type = deflate`), and wants its answers packed, or it packs nothing: its first bytes
// tell.
import type { Deflate, Inflate } from 'node:zlib';
import { constants, createDeflate, createInflate } from 'node:zlib';
import { isPackedHead } from '../../../flume/packed-stream.ts';
import { mostUnread, unread, type Peer } from '../clients.ts';
import { Refused } from '../complaints.ts';
import type { Reading } from '../lines.ts';
import type { FlumeCalls } from './calls.ts';

/** Answers are short. The usual is 256 KiB and as much for what comes out, for each client. */
const leastMemory = { windowBits: 9, memLevel: 1, chunkSize: 1024 };

export class MaybePacked implements Reading {
  readonly #calls: FlumeCalls;
  readonly #peer: Peer;
  #first: Buffer | undefined = Buffer.alloc(0);
  #unpacking: Inflate | undefined;
  #packing: Deflate | undefined;
  #isPaused = false;
  /** What was answered will be. */
  #isFlushed = false;
  /** Chunks that are not unpacked yet. */
  #pending = 0;

  constructor(make: (send: Peer['send']) => FlumeCalls, peer: Peer) {
    this.#calls = make((bytes) => this.#answer(bytes));
    this.#peer = peer;
  }

  get held(): number {
    return (this.#first?.length ?? 0) + this.#calls.held;
  }

  get pieces(): number {
    return this.#calls.pieces;
  }

  get whole(): number {
    return this.#calls.whole;
  }

  get cut(): number {
    return this.#calls.cut;
  }

  get unanswered(): number {
    return this.#calls.unanswered + this.#pending;
  }

  push(chunk: Buffer): void {
    if (this.#unpacking) return this.#feed(this.#unpacking, chunk);
    if (this.#first === undefined) return this.#calls.push(chunk);
    const bytes = Buffer.concat([this.#first, chunk]);
    if (bytes.length < 2) return void (this.#first = bytes);
    this.#first = undefined;
    const head = bytes.readUInt16BE();
    // A TLS handshake, where none is wanted.
    if (head === 0x16_03)
      throw new Refused('speaks TLS', 'a certificate is needed for that: --tls-cert, --tls-key');
    // The head of zlib; a frame begins with its number, which is small.
    if (!isPackedHead(head >> 8, head % 256)) return this.#calls.push(bytes);
    this.#unpacking = this.#unpack();
    this.#feed(this.#unpacking, bytes);
  }

  end(): void {
    if (!this.#unpacking) this.#calls.end();
  }

  close(): void {
    this.#unpacking?.destroy();
    this.#packing?.destroy();
    this.#calls.close();
  }

  pause(): void {
    this.#isPaused = true;
    this.#calls.pause();
    this.#unpacking?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#calls.resume();
    this.#unpacking?.resume();
  }

  #feed(unpacking: Inflate, bytes: Buffer): void {
    this.#pending += 1;
    unpacking.write(bytes, () => {
      this.#pending -= 1;
      this.#peer.changed();
    });
  }

  #unpack(): Inflate {
    const unpacking = createInflate();
    unpacking.on('error', (error) =>
      this.#peer.refuse(new Refused('sent packed bytes that are damaged', error.message)),
    );
    unpacking.on('data', (bytes: Buffer) => {
      try {
        this.#calls.push(bytes);
        this.#peer.changed();
      } catch (error) {
        this.#peer.refuse(error);
      }
    });
    return unpacking;
  }

  #answer(bytes: Buffer): void {
    if (!this.#unpacking) return this.#peer.send(bytes);
    this.#packing ??= createDeflate(leastMemory).on('data', this.#peer.send);
    this.#packing.write(bytes);
    if (this.#packing.writableLength > mostUnread) return this.#peer.refuse(new Refused(unread));
    // Once for all that is answered in one turn.
    if (!this.#isFlushed) queueMicrotask(() => this.#flush());
    this.#isFlushed = true;
  }

  #flush(): void {
    this.#isFlushed = false;
    this.#packing?.flush(constants.Z_SYNC_FLUSH);
  }
}
