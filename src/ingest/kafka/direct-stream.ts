// A direct stream: partitions are read side by side, each from a known offset on, and what is next is asked for while what
// came is on its way. A slow reader holds it back: of each partition at most two answers are kept.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicTime } from '../../clock.ts';
import type { KafkaCluster } from '../../kafka/cluster.ts';
import { keyOf, type Partition } from '../../kafka/partition.ts';
import { fetchFrom } from '../../kafka/reading.ts';
import { answerError, isOutOfRange } from '../../kafka/answer-errors.ts';
import type { FetchedPartition } from '../../kafka/fetched.ts';
import { describeProblem, isPassing, kafkaProblem } from '../../kafka/problems.ts';
import { SluiceError } from '../../errors.ts';
import type { EncodedChunk } from '../../stage/stage.ts';
import type { MessageEncoder } from './encoder.ts';
import { FetchedMessages } from './messages.ts';
import { period, type Pace } from './pace.ts';

/** Between two tries of a cluster that is in trouble, in milliseconds. */
const leastPause = 100;
const mostPause = 2000;
/** Trouble that lasts is told of after so many milliseconds: a new leader is there sooner. */
const quietFor = 5000;

/** Beyond this nothing more is asked for, however many partitions there are. Bytes. */
const mostHeld = 48 * 1024 * 1024;

type Followed = Partition & {
  readonly key: string;
  /** Reading stops in front of it. */
  readonly until: number;
  /** Behind what was handed on. */
  position: number;
  /** Behind what was fetched. */
  fetchedUpTo: number;
  held: FetchedMessages | undefined;
  /** Comes behind `held`. */
  waiting: FetchedMessages | undefined;
  isAsked: boolean;
  /** The end of the partition, as the last answer told. */
  end: number;
};

type Trouble = { readonly since: number; pause: number; retryAt: number; isTold: boolean };

export type StreamSettings = {
  readonly cluster: KafkaCluster;
  readonly encoder: MessageEncoder;
  readonly pace: Pace;
  /** What the user typed, for messages. */
  readonly where: string;
  /** How long to go on without an answer, in milliseconds. */
  readonly patience: number;
  readonly warn: (message: string) => void;
};

export class DirectStream {
  readonly #settings: StreamSettings;
  readonly #partitions = new Map<string, Followed>();
  /** The brokers that are asked and have not answered yet. */
  readonly #asked = new Set<number>();
  #trouble: Trouble | undefined;
  #failure: unknown;
  #wake: (() => void) | undefined;
  /** Messages that were handed on, and the milliseconds that took, since the last measurement. */
  #meter = { since: monotonicTime(), count: 0, busy: 0 };
  #handedOn: number | undefined;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
  }

  follow(partition: Partition, offset: number, until = Number.POSITIVE_INFINITY): void {
    const key = keyOf(partition);
    this.#partitions.set(key, {
      ...partition,
      key,
      until,
      position: offset,
      fetchedUpTo: offset,
      held: undefined,
      waiting: undefined,
      isAsked: false,
      end: offset,
    });
  }

  /** What of it was fetched and not handed on is dropped. */
  leave(key: string): void {
    this.#partitions.delete(key);
  }

  get keys(): string[] {
    return [...this.#partitions.keys()];
  }

  /** Behind what was handed on. */
  positionOf(key: string): number | undefined {
    return this.#partitions.get(key)?.position;
  }

  /** Messages still to come, where the end is known. */
  get left(): number {
    let left = 0;
    for (const { until, position } of this.#partitions.values()) left += Math.max(0, until - position);
    return left;
  }

  /** The next records, or undefined where there are none for `longest` milliseconds, or `stop` is aborted. */
  async next(stop: AbortSignal, longest: number): Promise<EncodedChunk | undefined> {
    const asked = monotonicTime();
    if (this.#handedOn !== undefined) this.#meter.busy += asked - this.#handedOn;
    this.#handedOn = undefined;
    this.#measure(asked);
    const deadline = asked + longest;
    while (!stop.aborted) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#trouble) await this.#recover(this.#trouble);
      else this.#ask();
      const now = monotonicTime();
      const ready = this.#ready(now);
      if (ready) return this.#take(ready, now);
      const isOver = this.left === 0 && this.#partitions.size > 0;
      if (now >= deadline || isOver) return undefined;
      await this.#sleep(Math.min(deadline, this.#nextTurn(now)) - now, stop);
    }
    return undefined;
  }

  /** Asks each broker for what is missing of its partitions, unless it is asked already. */
  #ask(): void {
    const { cluster } = this.#settings;
    const followed = [...this.#partitions.values()];
    const wanted = followed.filter(
      ({ waiting, isAsked, fetchedUpTo, until }) => !waiting && !isAsked && fetchedUpTo < until,
    );
    if (wanted.length === 0 || heldBytes(followed) > mostHeld) return;
    // Who has something at hand must not wait for who has not.
    const isIdle = !followed.some(({ held, waiting }) => held ?? waiting);
    let left = wanted.length;
    for (const [node, led] of cluster.byLeader(wanted)) {
      left -= led.length;
      if (!this.#asked.has(node)) this.#askBroker(node, led, isIdle);
    }
    if (left > 0) this.#stumble(answerError());
  }

  #askBroker(node: number, led: readonly Followed[], isIdle: boolean): void {
    this.#asked.add(node);
    for (const followed of led) followed.isAsked = true;
    const wanted = led.map(({ topic, partition, fetchedUpTo }) => ({
      topic,
      partition,
      offset: fetchedUpTo,
    }));
    void fetchFrom(this.#settings.cluster, node, wanted, isIdle)
      .then((answers) => this.#receive(answers))
      .catch((error: unknown) => this.#stumble(error))
      .finally(() => {
        this.#asked.delete(node);
        for (const followed of led) followed.isAsked = false;
        this.#wake?.();
      });
  }

  #receive(answers: readonly FetchedPartition[]): void {
    for (const answer of answers) {
      const followed = this.#partitions.get(keyOf(answer));
      if (!followed) continue;
      if (isOutOfRange(answer)) throw this.#lost(followed);
      if (answer.errorCode !== 0) throw answerError(answer.errorCode);
      followed.end = answer.end;
      const messages = new FetchedMessages(answer, followed.fetchedUpTo, this.#settings.encoder);
      if (messages.isOver) continue;
      followed.waiting = messages;
      followed.fetchedUpTo = messages.end;
    }
    this.#trouble = undefined;
  }

  #lost({ key, fetchedUpTo }: Followed): SluiceError {
    return new SluiceError(
      'inputOutput',
      `records of ${key} at ${this.#settings.where} from offset ${fetchedUpTo} on are not there any more`,
      'they were cleared away before they were read: raise the retention of the topic; without state, --start earliest goes on with what is left',
    );
  }

  #stumble(error: unknown): void {
    const { where, patience, warn } = this.#settings;
    const now = monotonicTime();
    this.#trouble ??= { since: now, pause: leastPause, retryAt: now + leastPause, isTold: false };
    const lasts = now - this.#trouble.since;
    if (error instanceof SluiceError || !isPassing(error) || lasts > patience) {
      this.#failure ??= kafkaProblem(where, error);
    } else if (lasts > quietFor && !this.#trouble.isTold) {
      this.#trouble.isTold = true;
      warn(`${where}: ${describeProblem(error)}; trying again`);
    }
  }

  /** Looks who leads what by now, and asks them. Only an answer ends the trouble. */
  async #recover(trouble: Trouble): Promise<void> {
    if (monotonicTime() < trouble.retryAt) return;
    trouble.pause = Math.min(2 * trouble.pause, mostPause);
    try {
      await this.#settings.cluster.refresh();
      this.#ask();
    } catch (error) {
      this.#stumble(error);
    }
    trouble.retryAt = monotonicTime() + trouble.pause;
  }

  /** The first partition in turn that has something and may hand it on. */
  #ready(now: number): Followed | undefined {
    for (const followed of this.#partitions.values()) {
      if (!(followed.held ?? followed.waiting)) continue;
      if (this.#settings.pace.nextTurn(followed.key, now) <= now) return followed;
    }
    return undefined;
  }

  #take(followed: Followed, now: number): EncodedChunk {
    const { pace } = this.#settings;
    const { key, position: offset, until } = followed;
    followed.held ??= followed.waiting as FetchedMessages;
    if (followed.held === followed.waiting) {
      followed.waiting = undefined;
      this.#ask();
    }
    const piece = followed.held.take(Math.floor(pace.allowance(key, now)), until);
    followed.position = piece.until;
    pace.spend(key, piece.messages);
    this.#meter.count += piece.messages;
    this.#handedOn = now;
    if (followed.held.isOver || piece.until >= until) followed.held = undefined;
    // The others first, next time.
    this.#partitions.delete(key);
    this.#partitions.set(key, followed);
    return {
      payload: piece.payload,
      count: piece.count,
      offsets: { [key]: { from: { offset }, until: { offset: piece.until } } },
    };
  }

  /** How the pipeline keeps up: it is busy from when it gets something until it asks for more. */
  #measure(now: number): void {
    const { since, count, busy } = this.#meter;
    if (now - since < period) return;
    const measured = { time: now, count, processingDelay: busy, schedulingDelay: now - since - period };
    const lags = new Map(
      Array.from(this.#partitions.values(), ({ key, end, position }) => [key, Math.max(0, end - position)]),
    );
    this.#settings.pace.measure(measured, lags);
    this.#meter = { since: now, count: 0, busy: 0 };
  }

  /** When there may be something to do although no broker answers. */
  #nextTurn(now: number): number {
    if (this.#trouble) return this.#trouble.retryAt;
    const held = [...this.#partitions.values()].filter((followed) => followed.held ?? followed.waiting);
    return Math.min(...held.map(({ key }) => this.#settings.pace.nextTurn(key, now)));
  }

  async #sleep(milliseconds: number, stop: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    stop.addEventListener('abort', this.#wake);
    await sleep(Math.max(0, Math.min(milliseconds, mostPause)), undefined, { signal: woken.signal }).catch(
      () => undefined,
    );
    stop.removeEventListener('abort', this.#wake);
    this.#wake = undefined;
  }
}

function heldBytes(followed: readonly Followed[]): number {
  return followed.reduce((sum, { held, waiting }) => sum + (held?.size ?? 0) + (waiting?.size ?? 0), 0);
}
