// What one Flume agent sends: calls with events. A call is answered with OK once its events are safe, and not before; where that
// takes too long it is taken back, and the agent sends it again later.
import { monotonicTime } from '../../../clock.ts';
import { AvroReader, AvroWriter, Malformed } from '../../../flume/avro.ts';
import { FrameReader, frameOf, NoFrame, type Frame } from '../../../flume/frames.ts';
import {
  match,
  misfitOf,
  protocolHash,
  readHandshakeRequest,
  status,
  writeHandshakeResponse,
} from '../../../flume/protocol.ts';
import type { Peer } from '../clients.ts';
import { Refused } from '../complaints.ts';
import type { Entry, Inbox } from '../inbox.ts';
import type { Reading } from '../lines.ts';
import { readEvents, type EventSettings } from './events.ts';

/**
 * An agent waits for 20 s (`request-timeout`), and sends again then what it got no answer to. Half of that is left to what is on
 * its way when it is decided, and cannot be taken back.
 */
const longestWait = Number(process.env['SLUICE_FLUME_WAIT'] ?? 10_000);
/** What had come while nothing was read has been read so many milliseconds later. */
const untilRead = 1000;

const ownHash = protocolHash.toString('hex');
/** Protocols of clients that say the same as ours, by their hashes. */
const knownHashes = new Set([ownHash]);
const mostKnown = 1000;

type Caller = Omit<Peer, 'refuse'>;

/** What is answered in the client's own protocol; the connection goes on. */
class CallError extends Error {
  readonly kind: string;

  constructor(kind: string, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

export class FlumeCalls implements Reading {
  readonly #inbox: Inbox;
  readonly #settings: EventSettings;
  readonly #peer: Caller;
  readonly #frames = new FrameReader();
  readonly #waiting = new Map<Entry, NodeJS.Timeout>();
  /** When what is being read may have been sent: it may have waited for as long as nothing was read. */
  #begunAt: number | undefined;
  #unreadSince: number | undefined;
  #resumedAt: number | undefined;
  #isKnown = false;
  /** Why calls in the client's protocol cannot be read. */
  #misfit: string | undefined;
  whole = 0;
  cut = 0;

  constructor(inbox: Inbox, settings: EventSettings, peer: Caller) {
    this.#inbox = inbox;
    this.#settings = settings;
    this.#peer = peer;
  }

  get held(): number {
    return this.#frames.held;
  }

  get pieces(): number {
    return this.#frames.pieces;
  }

  get unanswered(): number {
    return this.#waiting.size;
  }

  push(bytes: Buffer): void {
    this.#begunAt ??= this.#waitingSince() ?? monotonicTime();
    this.#unreadSince = undefined;
    try {
      for (const frame of this.#frames.push(bytes)) {
        this.#answer(frame);
        this.#begunAt = monotonicTime();
      }
      if (this.held === 0) this.#begunAt = undefined;
    } catch (error) {
      if (error instanceof NoFrame) throw new Refused('sent what is no frame of Avro', error.message);
      if (error instanceof Malformed) throw new Refused('sent a call that cannot be read', error.message);
      throw error;
    }
  }

  end(): void {
    if (this.held > 0) throw new Refused('broke off within a call');
  }

  pause(): void {
    this.#unreadSince = this.#waitingSince() ?? monotonicTime();
    this.#resumedAt = undefined;
  }

  resume(): void {
    this.#resumedAt ??= monotonicTime();
  }

  #waitingSince(): number | undefined {
    const isRead = this.#resumedAt !== undefined && monotonicTime() - this.#resumedAt > untilRead;
    return isRead ? undefined : this.#unreadSince;
  }

  /** Nobody is there to be answered: what can be taken back will be sent again. */
  close(): void {
    for (const [entry, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#inbox.withdraw(entry);
    }
    this.#waiting.clear();
  }

  #answer({ serial, payload }: Frame): void {
    const reader = new AvroReader(payload);
    const writer = new AvroWriter();
    try {
      if (!this.#isKnown && !this.#shakeHands(reader, writer)) return this.#write(serial, writer);
      reader.passMap();
      const name = reader.text();
      // An empty name is a ping.
      if (name === '') return this.#write(serial, writer);
      if (this.#misfit !== undefined) throw new CallError('speaks another protocol than Flume', this.#misfit);
      if (name !== 'append' && name !== 'appendBatch') throw new CallError('called what is not there', name);
      this.#take(serial, reader, writer, name);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#peer.complain(new Refused(error.kind, error.message));
      this.#write(serial, writer.integer(0).byte(1).integer(0).text(`${error.kind}: ${error.message}`));
    }
  }

  /** False where the client has to call again and say what its protocol is. */
  #shakeHands(reader: AvroReader, writer: AvroWriter): boolean {
    const { clientHash, clientProtocol, serverHash } = readHandshakeRequest(reader);
    if (clientProtocol !== undefined) {
      this.#misfit = misfitOf(clientProtocol);
      if (this.#misfit === undefined && knownHashes.size < mostKnown) knownHashes.add(clientHash);
    }
    // Of a misfit each call is told why it is not taken.
    if (this.#misfit === undefined && !knownHashes.has(clientHash)) {
      writeHandshakeResponse(writer, match.none);
      return false;
    }
    this.#isKnown = true;
    writeHandshakeResponse(writer, serverHash === ownHash ? match.both : match.client);
    return true;
  }

  #take(serial: number, reader: AvroReader, writer: AvroWriter, name: 'append' | 'appendBatch'): void {
    const { bytes, ids, count, cut } = readEvents(reader, name, this.#settings);
    this.whole += 1;
    this.cut += cut;
    writer.integer(0).byte(0);
    if (count === 0) return this.#write(serial, writer.integer(status.ok));
    const answer = (outcome: number): void => {
      clearTimeout(this.#waiting.get(entry));
      if (this.#waiting.delete(entry)) this.#write(serial, writer.integer(outcome));
    };
    const entry: Entry = {
      bytes,
      ids,
      onSafe: () => answer(status.ok),
      onLost: () => answer(status.failed),
    };
    const waited = monotonicTime() - (this.#begunAt ?? monotonicTime());
    const timer = setTimeout(
      () => {
        // What is on its way already is waited for.
        if (this.#inbox.withdraw(entry)) answer(status.failed);
      },
      Math.max(longestWait - waited, 0),
    );
    this.#waiting.set(entry, timer);
    this.#inbox.add(entry);
  }

  #write(serial: number, writer: AvroWriter): void {
    this.#peer.send(frameOf(serial, writer.bytes));
    this.#peer.changed();
  }
}
