// Bytes → blocks: envelopes without a batch number, for `batch` to cut into batches. A block leaves as soon as the
// source has nothing more at hand, so that a line is never kept waiting for the next one.
import { formatVersion, noRecords, type Envelope, type Header } from '../envelope/envelope.ts';
import { defaultPartSize, PartBuilder } from '../envelope/parts.ts';
import { nthRecordEnd } from '../envelope/records.ts';
import type { Core } from '../stage/core.ts';
import type { Rejects } from '../stage/rejects.ts';
import { heartbeatMilliseconds } from '../stage/reporting.ts';
import type { InputChunk, SourceChunk, SourcePlace } from '../stage/stage.ts';
import type { Format } from './formats/format.ts';
import { JoiningCutter, type Joining } from './joining.ts';
import { isMarkOnly, LineCutter, withoutEnd, withoutMark, type Cutter } from './lines.ts';
import { Places } from './places.ts';
import type { Source } from './sources/source.ts';

/** A few milliseconds gather a burst of small reads into one block; nobody notices them. */
const lingerMilliseconds = 5;
/** After so many milliseconds without input the stream begins all the same: batches by time come on time then. */
export const openingMilliseconds = 250;
/** After so many milliseconds nothing more is expected of a record of several lines. */
const releaseMilliseconds = 1000;
/** A block that is a part as it stands: batch passes it on without putting smaller ones together. */
const blockSize = defaultPartSize;

export class IngestCore implements Core<SourceChunk> {
  readonly #format: Format;
  readonly #rejects: Rejects;
  readonly #sources: readonly Pick<Source, 'position' | 'size' | 'isTerminal'>[];
  readonly #cutter: Cutter;
  /** What is read, and until when a record of it is kept back. */
  #source = '';
  #releaseAt = Number.POSITIVE_INFINITY;
  readonly #block = new PartBuilder(blockSize);
  readonly #places = new Places();
  /** Where records stand is written for jobs that keep state only. */
  #tellsPlaces = false;
  #linesRead = 0;
  /** Records that were made, in all. */
  records = 0;
  #reportedCut = 0;
  #deadline: number;

  constructor(settings: {
    format: Format;
    rejects: Rejects;
    sources: readonly Pick<Source, 'position' | 'size' | 'isTerminal'>[];
    maxRecord: number;
    /** Which lines are one record. */
    joining?: Joining | undefined;
    /** Undefined in a job that keeps state: its first block says where it begins, before any other. */
    startedAt: number | undefined;
  }) {
    this.#format = settings.format;
    this.#rejects = settings.rejects;
    this.#sources = settings.sources;
    const joining = settings.joining ?? settings.format.joining;
    this.#cutter = joining
      ? new JoiningCutter(settings.maxRecord, joining)
      : new LineCutter(settings.maxRecord);
    this.#deadline = (settings.startedAt ?? Number.POSITIVE_INFINITY) + openingMilliseconds;
  }

  /** Lines cut off because they were longer than --max-record. */
  get cut(): number {
    return this.#cutter.cut;
  }

  /** Records of several lines divided because they were longer than --max-record. */
  get divided(): number {
    return this.#cutter.divided;
  }

  *accept(chunk: SourceChunk, now: number): Generator<Envelope> {
    if ('opening' in chunk) {
      this.#tellsPlaces = true;
      this.#deadline = now + openingMilliseconds;
      yield chunk.opening;
    } else if ('source' in chunk) yield* this.#read(chunk, now);
  }

  *#read({ source, bytes, place, isAwaited }: InputChunk, now: number): Generator<Envelope> {
    if (place) yield* this.#goTo(place, now);
    this.#source = source.name;
    try {
      for (const region of bytes ? this.#cutter.push(bytes) : this.#cutter.finish()) {
        const isLine = bytes || !this.#isAtStart || !isMarkOnly(region);
        if (isLine) yield* this.#encode(region, now);
        this.#places.pass(this.#cutter.position);
      }
    } catch (error) {
      // What was read before a failure comes out, so that it does not depend on chance how much that is.
      if (this.#block.count > 0) yield this.#take(now);
      throw error;
    }
    if (!bytes) {
      this.#linesRead = 0;
      if (place?.over || place?.gone) yield* this.#takeAll(now);
    }
    // Whoever sent it waits until it has been handed on.
    if (isAwaited && this.#block.count > 0) yield this.#take(now);
    this.#releaseAt = this.#cutter.holds ? now + releaseMilliseconds : Number.POSITIVE_INFINITY;
    if (this.#block.count > 0) this.#deadline = Math.min(this.#deadline, now + lingerMilliseconds);
  }

  *#goTo(place: SourcePlace, now: number): Generator<Envelope> {
    const isNew = this.#places.isNew(place);
    if (isNew || place.offset !== this.#cutter.end) {
      // A block is of one input, so that it is plain how far that was read.
      yield* this.#takeAll(now);
      this.#cutter.startAt(place.offset);
      this.#places.enter(place);
      if (isNew) this.#linesRead = 0;
    } else this.#places.renew(place);
    // What was begun of a line that nobody can read to its end is none.
    if (place.gone) this.#cutter.startAt(place.offset);
  }

  /** No line of the source was read yet, in this run or an earlier one. */
  get #isAtStart(): boolean {
    return this.#linesRead === 0 && this.#places.isAtStart;
  }

  *#encode(region: Buffer, now: number): Generator<Envelope> {
    const isAtStart = this.#isAtStart;
    const text = isAtStart ? withoutMark(region) : region;
    const first = this.#linesRead + 1;
    const placeOf = (line: number): string => `${this.#source}, line ${first + line}`;
    const { joined } = this.#cutter;
    // As one piece, without its end.
    const one = joined > 0 ? this.#format.encodeOne?.(withoutEnd(text), placeOf(0), isAtStart) : undefined;
    for (const encoded of one ?? this.#format.encode(text, placeOf, isAtStart)) {
      this.#linesRead += one ? joined : encoded.lines;
      // What an earlier run had of the first region that this one reads.
      const known = this.#places.skip(encoded.count);
      const count = encoded.count - known;
      const payload =
        known === 0 ? encoded.payload : encoded.payload.subarray(nthRecordEnd(encoded.payload, known) + 1);
      if (this.#block.isFullFor(payload)) yield this.#take(now);
      this.#block.add(payload, count);
      this.#places.count(count);
      this.records += count;
    }
  }

  *end(ending: Envelope, now: number): Generator<Envelope> {
    yield* this.#takeAll(now);
    yield ending;
  }

  deadline(): number {
    return Math.min(this.#deadline, this.#releaseAt);
  }

  *tick(now: number): Generator<Envelope> {
    if (now >= this.#releaseAt) {
      this.#releaseAt = Number.POSITIVE_INFINITY;
      for (const region of this.#cutter.release()) {
        yield* this.#encode(region, now);
        this.#places.pass(this.#cutter.position);
      }
      if (this.#block.count > 0) this.#deadline = now;
    }
    if (now < this.#deadline) return;
    yield this.#block.count > 0 ? this.#take(now) : this.#heartbeat(now);
  }

  counters(): Record<string, number> {
    const cut = this.#cutter.cut - this.#reportedCut;
    this.#reportedCut = this.#cutter.cut;
    const counters = { cut, rejected: this.#rejects.takeCount(), ...this.#format.counters() };
    const counted = Object.entries(counters).filter(([, count]) => count > 0);
    return { ...Object.fromEntries(counted), ...this.#progress() };
  }

  /** What is at hand; without records too, where input was passed over that held none: rejected lines, say. */
  *#takeAll(now: number): Generator<Envelope> {
    if (this.#block.count > 0) yield this.#take(now);
    else if (this.#tellsPlaces && this.#places.hasMoved) yield this.#heartbeat(now);
  }

  #take(now: number): Envelope {
    this.#deadline = now + heartbeatMilliseconds;
    return this.#block.take(this.#head());
  }

  #heartbeat(now: number): Envelope {
    this.#deadline = now + heartbeatMilliseconds;
    return { header: { ...this.#head(), n: 0 }, payload: noRecords };
  }

  #head(): Omit<Header, 'n'> {
    return { v: formatVersion, ...(this.#tellsPlaces && this.#places.takeOffsets()) };
  }

  /** Where the input stands, and where it ends, if all of it is finite. */
  #progress(): Record<string, number> {
    let [done, total] = [0, 0];
    for (const source of this.#sources) {
      done += source.position;
      total += source.size ?? Number.NaN;
    }
    if (!Number.isNaN(total)) return { done, total };
    return { done, ...(this.#sources.some(({ isTerminal }) => isTerminal) && { terminal: 1 }) };
  }
}
