// The connections of a source that listens. Nobody can hold the others up: there are limits to how many there are, to how long one
// takes for a line, and to what all of them have begun and not ended.
import type { Socket } from 'node:net';
import { monotonicTime } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { Refused, type Complaints } from './complaints.ts';
import type { Inbox } from './inbox.ts';
import type { Reading } from './lines.ts';

/** A line or a batch that has begun is ended within so many milliseconds. */
const longestUnended = 30_000;
/** All that has begun, in bytes. */
export const mostHeld = 64 * 1024 * 1024;
/** What each piece of it takes beside its bytes: who sends them one by one, or in buffers of one byte, counts for what that takes. */
export const overhead = 200;
/** Answers that a client does not read, in bytes. Who sends batches waits for each of them, or for a few. */
export const mostUnread = 64 * 1024;
/** What is wanted is checked this often at least, in milliseconds. */
const checkEvery = 1000;
/** For what is still to be sent when all is over, in milliseconds. */
const farewell = 1000;

const unended = 'has not ended what it began';
const crowded = 'came when there were as many as --max-connections allows';
export const unread = 'does not read its answers';
const outOfPlace = 'sent nothing whole, and others want its place';

/** Of a client that was let go. */
const gone: Reading = { push: () => undefined, end: () => undefined, held: 0, pieces: 0, whole: 0, cut: 0 };

type Client = {
  readonly socket: Socket;
  reading: Reading;
  readonly name: string;
  /** When something of it was whole last. */
  wholeAt: number;
  /** When it began what is not whole. */
  begunAt: number | undefined;
  whole: number;
  held: number;
  /** Those of what is being read, to be sent together: each write takes ten times as much memory as a short answer. */
  answers: Buffer[];
  unsent: number;
  isPushing: boolean;
};

/** The client, as the one who reads it sees it. */
export type Peer = {
  readonly send: (bytes: Buffer) => void;
  /** Tells of what it did, and goes on. */
  readonly complain: (why: Refused) => void;
  /** Lets it go, for what was found out later. */
  readonly refuse: (why: unknown) => void;
  /** More is whole, held or answered than when `push` returned. */
  readonly changed: () => void;
};

export type ClientSettings = {
  readonly inbox: Inbox;
  readonly complaints: Complaints;
  readonly maxConnections: number;
  readonly idleTimeout: number | undefined;
  readonly reading: (peer: Peer) => Reading;
};

export type Room<One> = {
  readonly most: number;
  /** Something that was whole. */
  readonly hasSent: (client: One) => boolean;
  readonly letGo: (client: One, why: Refused) => void;
};

/** Where there are too many, one that has never sent anything whole makes room: the oldest. `complain` of the one that comes. */
export function hasRoom<One>(
  clients: ReadonlySet<One>,
  { most, hasSent, letGo }: Room<One>,
  complain: (why: Refused) => void,
): boolean {
  if (clients.size < most) return true;
  for (const client of clients) {
    if (hasSent(client)) continue;
    letGo(client, new Refused(outOfPlace));
    return true;
  }
  complain(new Refused(crowded));
  return false;
}

export class Clients {
  readonly #settings: ClientSettings;
  readonly #clients = new Set<Client>();
  readonly #timer: NodeJS.Timeout;
  #held = 0;
  #cut = 0;
  #isStopped = false;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    const { idleTimeout = checkEvery, inbox } = settings;
    this.#timer = setInterval(() => this.#check(), Math.min(checkEvery, idleTimeout / 4));
    inbox.whenRoom(() => this.#resume());
  }

  get cut(): number {
    let cut = this.#cut;
    for (const { reading } of this.#clients) cut += reading.cut;
    return cut;
  }

  add(socket: Socket, name: string): void {
    // One that is gone tells so more than once.
    socket.on('error', () => undefined);
    const { reading, complaints, maxConnections } = this.#settings;
    const room: Room<Client> = {
      most: maxConnections,
      hasSent: ({ whole }) => whole > 0,
      letGo: (client, why) => this.#refuse(client, why),
    };
    if (this.#isStopped || !hasRoom(this.#clients, room, (why) => complaints.add(name, why)))
      return void socket.destroy();
    // A peer that is gone without a word is noticed at last.
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    const now = monotonicTime();
    const client: Client = {
      socket,
      name,
      reading: reading({
        send: (bytes) => {
          if (!this.#clients.has(client)) return;
          client.answers.push(bytes);
          client.unsent += bytes.length;
          if (!client.isPushing || client.unsent > mostUnread) this.#send(client);
        },
        complain: (why) => complaints.add(name, why),
        refuse: (why) => this.#refuse(client, why),
        changed: () => this.#note(client),
      }),
      wholeAt: now,
      begunAt: undefined,
      whole: 0,
      held: 0,
      answers: [],
      unsent: 0,
      isPushing: false,
    };
    this.#clients.add(client);
    socket.on('data', (bytes: Buffer) => this.#attempt(client, () => client.reading.push(bytes)));
    socket.on('end', () => this.#attempt(client, () => client.reading.end()));
    socket.on('close', () => this.#forget(client));
    if (!this.#settings.inbox.isFull) return;
    socket.pause();
    client.reading.pause?.();
  }

  /** Nothing more is read. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const { socket } of this.#clients) socket.pause();
  }

  close(): void {
    this.stop();
    for (const { socket } of this.#clients) {
      socket.end();
      setTimeout(() => socket.destroy(), farewell).unref();
      // What it sends now is nobody's.
      socket.removeAllListeners('data');
      socket.resume();
    }
  }

  #attempt(client: Client, work: () => void): void {
    if (this.#isStopped || !this.#clients.has(client)) return;
    let failure: unknown;
    client.isPushing = true;
    try {
      work();
    } catch (error) {
      failure = error;
    }
    client.isPushing = false;
    this.#send(client);
    if (failure !== undefined) this.#refuse(client, failure);
    else this.#note(client);
  }

  #send(client: Client): void {
    const { socket, answers } = client;
    if (answers.length === 0) return;
    client.answers = [];
    client.unsent = 0;
    socket.write(Buffer.concat(answers));
    if (socket.writableLength > mostUnread) this.#refuse(client, new Refused(unread));
  }

  #note(client: Client): void {
    if (!this.#clients.has(client)) return;
    if (client.socket.readableEnded && !client.reading.unanswered) client.socket.end();
    if (this.#settings.inbox.isFull) this.#pause();
    const { whole, pieces } = client.reading;
    const held = client.reading.held + pieces * overhead;
    const now = monotonicTime();
    if (whole > client.whole) {
      client.wholeAt = now;
      client.begunAt = undefined;
    }
    client.whole = whole;
    if (held === 0) client.begunAt = undefined;
    else client.begunAt ??= now;
    this.#held += held - client.held;
    client.held = held;
    if (this.#held > mostHeld) this.#refuseLargest();
  }

  /** Those that hold the most keep the others out. */
  #refuseLargest(): void {
    let largest: Client | undefined;
    for (const client of this.#clients) if (client.held > (largest?.held ?? 0)) largest = client;
    if (largest)
      this.#refuse(largest, new Refused(unended, `all clients together hold ${mostHeld >> 20} MiB of such`));
  }

  #check(): void {
    const { idleTimeout = Number.POSITIVE_INFINITY, inbox } = this.#settings;
    // Who is not read cannot be blamed.
    if (inbox.isFull) return;
    const now = monotonicTime();
    const longest = Math.min(idleTimeout, longestUnended);
    for (const client of this.#clients) {
      if (client.reading.unanswered) continue;
      if (client.begunAt !== undefined) {
        if (now - client.begunAt > longest)
          this.#refuse(client, new Refused(unended, `for ${Math.round(longest / 100) / 10} s`));
      } else if (now - client.wholeAt > idleTimeout) {
        // Its time is over, and it did nothing wrong.
        client.socket.destroy();
      }
    }
  }

  #refuse(client: Client, error: unknown): void {
    if (!this.#clients.has(client)) return;
    const why = error instanceof Refused ? error : new Refused('failed', messageOf(error));
    this.#settings.complaints.add(client.name, why);
    client.socket.destroySoon();
    this.#forget(client);
    client.socket.removeAllListeners('data');
    setTimeout(() => client.socket.destroy(), farewell).unref();
  }

  #forget(client: Client): void {
    if (!this.#clients.delete(client)) return;
    this.#held -= client.held;
    this.#cut += client.reading.cut;
    client.reading.close?.();
    // The socket may live on for a while, what was kept of it does not.
    client.reading = gone;
  }

  #pause(): void {
    for (const { socket, reading } of this.#clients) {
      socket.pause();
      reading.pause?.();
    }
  }

  #resume(): void {
    if (this.#isStopped) return;
    const now = monotonicTime();
    for (const client of this.#clients) {
      if (client.begunAt !== undefined) client.begunAt = now;
      client.socket.resume();
      client.reading.resume?.();
    }
  }
}
