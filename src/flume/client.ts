// The sending side of Flume's protocol: batches of events to an Avro source, one call at a time, as an Avro sink does it.
import { once } from 'node:events';
import { connect as connectPlain, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Address } from '../address.ts';
import type { Tls } from '../tls.ts';
import { AvroReader, AvroWriter } from './avro.ts';
import { FrameReader, frameOf, type Frame } from './frames.ts';
import { PackedStream } from './packed-stream.ts';
import { hashLength, match, protocolHash, protocolText, status } from './protocol.ts';

/** As an Avro sink has it (`connect-timeout`, `request-timeout`), in milliseconds. */
const longestWait = 20_000;

export type FlumeTarget = { readonly at: Address; readonly tls: Tls | undefined; readonly isPacked: boolean };

/** One connection: where a call fails, it is over. */
export class FlumeConnection {
  readonly #socket: Duplex;
  readonly #frames = new FrameReader();
  #serial = 0;
  #isKnown = false;
  #serverHash: Buffer = protocolHash;
  #answer: { resolve: (frame: Frame) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** Rejects where nobody is there. */
  static async open({ at, tls, isPacked }: FlumeTarget): Promise<FlumeConnection> {
    const name = isIP(at.host) === 0 ? { servername: at.host } : {};
    const signal = AbortSignal.timeout(longestWait);
    const plain = connectPlain(at).setNoDelay(true);
    try {
      await once(plain, 'connect', { signal });
      const stream = isPacked ? new PackedStream(plain) : plain;
      if (!tls) return new FlumeConnection(stream);
      const secure = connectTls({ ...tls, ...at, ...name, socket: stream });
      await once(secure, 'secureConnect', { signal });
      return new FlumeConnection(secure);
    } catch (error) {
      plain.destroy();
      throw error;
    }
  }

  /** `events` are `count` encoded events. Rejects unless the other side has answered OK. */
  async appendBatch(events: Buffer, count: number): Promise<void> {
    const call = new AvroWriter().integer(0).text('appendBatch').integer(count).raw(events).integer(0).bytes;
    let reader = await this.#call(call, false);
    if (!this.#isKnown && !this.#readHandshake(reader)) {
      reader = await this.#call(call, true);
      if (!this.#readHandshake(reader)) throw new Error('it does not take the protocol of Flume');
    }
    reader.passMap();
    const isError = reader.integer() !== 0;
    if (isError) throw new Error(reader.integer() === 0 ? reader.text() : 'an error without a name');
    const answered = reader.integer();
    if (answered !== status.ok)
      throw new Error(answered === status.failed ? 'it answered FAILED' : 'it answered UNKNOWN');
  }

  close(): void {
    this.#socket.end(() => this.#socket.destroy());
  }

  async #call(call: Buffer, withProtocol: boolean): Promise<AvroReader> {
    if (this.#failure) throw this.#failure;
    const writer = new AvroWriter();
    if (!this.#isKnown) {
      writer.raw(protocolHash);
      if (withProtocol) writer.integer(1).text(protocolText);
      else writer.integer(0);
      writer.raw(this.#serverHash).integer(0);
    }
    this.#serial += 1;
    const frame = frameOf(this.#serial, writer.raw(call).bytes);
    const timer = setTimeout(
      () => this.#fail(new Error(`no answer for ${longestWait / 1000} s`)),
      longestWait,
    );
    try {
      const { payload } = await new Promise<Frame>((resolve, reject) => {
        this.#answer = { resolve, reject };
        this.#socket.write(frame);
      });
      return new AvroReader(payload);
    } finally {
      clearTimeout(timer);
    }
  }

  /** False where the other side has to be told what the protocol is. */
  #readHandshake(reader: AvroReader): boolean {
    const matched = reader.integer();
    if (reader.integer() !== 0) reader.pass(reader.integer());
    if (reader.integer() !== 0) this.#serverHash = Buffer.from(reader.fixed(hashLength));
    if (reader.integer() !== 0) reader.passMap();
    this.#isKnown = matched !== match.none;
    return this.#isKnown;
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#frames.push(bytes)) {
        if (frame.serial !== this.#serial) throw new Error('it answered what was not asked');
        this.#answer?.resolve(frame);
        this.#answer = undefined;
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#answer?.reject(this.#failure);
    this.#answer = undefined;
    this.#socket.destroy();
  }
}
