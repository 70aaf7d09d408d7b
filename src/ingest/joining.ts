// Records of several lines: stack traces behind the line that they belong to, and values of csv with line ends in quotes. Lines go
// through as regions, as they come; only what is joined comes out by itself.
import { LineCutter, type Cutter } from './lines.ts';

/** Which lines belong together. It is shown all lines of a source, in order. */
export interface Joining {
  /** Whether the line from `start` to `end` goes on with the record of the line before. */
  continues(bytes: Buffer, start: number, end: number): boolean;
  /** True where each of these lines is a record, no record being open; false where that takes a look at each. */
  areSingle?(lines: Buffer): boolean;
  /** Whether another line may go on with the record of the last one. */
  readonly isOpen: boolean;
  /** A record that is open where the source is over is none: its lines were joined by mistake, such as a quote that nobody closed. */
  readonly needsEnd?: boolean;
  /** Another record begins, whatever was in the lines so far. */
  reset(): void;
}

const newline = 0x0a;

export class JoiningCutter implements Cutter {
  readonly #lines: LineCutter;
  readonly #joining: Joining;
  readonly #maxLength: number;
  /** The beginning of a record that may not be whole yet: lines with their ends. */
  #held: Buffer[] = [];
  #heldLength = 0;
  #heldLines = 0;
  #heldEnd = 0;
  divided = 0;
  /** The record at hand is the rest of one that was divided. */
  #isRest = false;
  position = 0;
  joined = 0;

  constructor(maxLength: number, joining: Joining) {
    this.#lines = new LineCutter(maxLength);
    this.#joining = joining;
    this.#maxLength = maxLength;
  }

  get cut(): number {
    return this.#lines.cut;
  }

  get end(): number {
    return this.#lines.end;
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  startAt(position: number): void {
    this.#lines.startAt(position);
    this.#joining.reset();
    this.#forget();
    this.#isRest = false;
    this.position = position;
  }

  *push(chunk: Buffer): Generator<Buffer> {
    for (const region of this.#lines.push(chunk)) yield* this.#join(region);
  }

  *finish(): Generator<Buffer> {
    for (const region of this.#lines.finish()) yield* this.#join(region);
    if (this.#joining.isOpen && this.#joining.needsEnd) this.#heldLines = 0;
    yield* this.release();
    this.position = this.#lines.position;
    this.#joining.reset();
  }

  /** What is held: nobody waits for more of it. */
  *release(): Generator<Buffer> {
    if (this.#held.length === 0) return;
    const [record, lines] = [Buffer.concat(this.#held), this.#heldLines];
    const end = this.#heldEnd;
    this.#forget();
    yield this.#out(record, lines, end);
  }

  *#join(region: Buffer): Generator<Buffer> {
    if (this.#held.length === 0 && !this.#joining.isOpen && this.#joining.areSingle?.(region)) {
      yield this.#out(region, 0, this.#lines.position);
      return;
    }
    // Of a line that was cut off only its end is known, but then it is alone.
    const base = this.#lines.position - region.length;
    /** Where records of one line begin that wait to be handed on, and where the last record begins. */
    let waiting = 0;
    let record = 0;
    let lines = 0;
    for (let start = 0, end = 0; start < region.length; start = end) {
      end = region.indexOf(newline, start) + 1;
      const length = end - record + this.#heldLength;
      let continues = this.#joining.continues(region, start, end - 1);
      if (!continues) this.#isRest = false;
      else if (length > this.#maxLength + 1) {
        this.#joining.reset();
        this.#joining.continues(region, start, end - 1);
        continues = false;
        // Lines that a quote has joined by mistake are rejected, and told so.
        if (!this.#isRest && !this.#joining.needsEnd) this.divided += 1;
        this.#isRest = true;
      }
      if (continues && (lines > 0 || this.#held.length > 0)) {
        lines += 1;
        continue;
      }
      if (this.#held.length > 0) {
        if (start > 0) this.#hold(region.subarray(0, start), lines, base + start);
        yield* this.release();
        waiting = start;
      } else if (lines > 1) {
        if (record > waiting) yield this.#out(region.subarray(waiting, record), 0, base + record);
        yield this.#out(region.subarray(record, start), lines, base + start);
        waiting = start;
      }
      record = start;
      lines = 1;
    }
    if (this.#held.length > 0) {
      this.#hold(region, lines, this.#lines.position);
      if (!this.#joining.isOpen) yield* this.release();
      return;
    }
    if (!this.#joining.isOpen && lines === 1) record = region.length;
    if (record > waiting) yield this.#out(region.subarray(waiting, record), 0, base + record);
    if (record === region.length) return;
    this.#hold(region.subarray(record), lines, this.#lines.position);
    if (!this.#joining.isOpen) yield* this.release();
  }

  #out(region: Buffer, lines: number, position: number): Buffer {
    this.joined = lines > 1 ? lines : 0;
    this.position = position;
    return region;
  }

  /** Copied: the source may fill the chunk anew once it was taken. */
  #hold(bytes: Buffer, lines: number, end: number): void {
    this.#held.push(Buffer.from(bytes));
    this.#heldLength += bytes.length;
    this.#heldLines += lines;
    this.#heldEnd = end;
  }

  #forget(): void {
    this.#held = [];
    this.#heldLength = 0;
    this.#heldLines = 0;
  }
}
