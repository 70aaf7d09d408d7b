// Hot path. Byte chunks → regions of whole lines. A region is a view that ends with a newline and may hold many
// lines, so that no line is touched one by one here. No line is longer than the limit: the rest of one that is
// gets dropped and counted, so that memory does not depend on the input.
const newline = 0x0a;
const newlineBytes = Buffer.from('\n');
/** What some programs put in front of a file. */
const byteOrderMark = Buffer.from('\uFEFF');

/** The beginning of a source without the byte order mark, which is no part of its first line. */
export function withoutMark(lines: Buffer): Buffer {
  const { length } = byteOrderMark;
  return lines.subarray(0, length).equals(byteOrderMark) ? lines.subarray(length) : lines;
}

/** The last line of a source that is the mark and nothing else: it is none. */
export function isMarkOnly(line: Buffer): boolean {
  return line.length === byteOrderMark.length + 1 && withoutMark(line).length === 1;
}

/** A record in one piece without the end of its last line. */
export function withoutEnd(record: Buffer): Buffer {
  const line = record.at(-1) === newline ? record.subarray(0, -1) : record;
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

/** Byte chunks of a source → regions of whole lines. */
export interface Cutter {
  push(chunk: Buffer): Iterable<Buffer>;
  /** What is left of a source that is over. */
  finish(): Iterable<Buffer>;
  startAt(position: number): void;
  readonly cut: number;
  /** Records of several lines that were divided, since they were too long. */
  readonly divided: number;
  readonly position: number;
  readonly end: number;
  /** The region yielded last is one record of so many lines; 0 where each line is one. */
  readonly joined: number;
  /** Whether a record is kept back, since more of it may come; and what is kept back. */
  readonly holds: boolean;
  release(): Iterable<Buffer>;
}

export class LineCutter implements Cutter {
  readonly #maxLength: number;
  #pieces: Buffer[] = [];
  #length = 0;
  /** True where bytes of the kept line were dropped. */
  #isCut = false;
  /** Lines cut off so far. */
  cut = 0;
  #pushed = 0;
  readonly divided = 0;
  readonly joined = 0;
  readonly holds = false;
  /** Bytes of the source up to the end of the region that was yielded last. */
  position = 0;

  /** Length in bytes, without the newline. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  *push(chunk: Buffer): Generator<Buffer> {
    const before = this.#pushed;
    this.#pushed += chunk.length;
    const last = chunk.lastIndexOf(newline);
    if (last === -1) return this.#keep(chunk);
    let start = 0;
    if (this.#length > 0 || this.#isCut) {
      start = chunk.indexOf(newline) + 1;
      this.#keep(chunk.subarray(0, start - 1));
      this.position = before + start;
      yield this.#takeKept();
    }
    yield* this.#bounded(chunk.subarray(start, last + 1), before + start);
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1));
  }

  /** Bytes of the source that were taken, those of a line included that has begun. */
  get end(): number {
    return this.#pushed;
  }

  /** What is kept of a line that has begun is in so many. */
  get pieces(): number {
    return this.#pieces.length;
  }

  /** Forgets the line that has begun: another source follows, whose bytes are counted from `position`. */
  startAt(position: number): void {
    this.#drop();
    this.#pushed = position;
    this.position = position;
  }

  /** The last line of a source that does not end with a newline. */
  *finish(): Generator<Buffer> {
    this.position = this.#pushed;
    if (this.#length > 0 || this.#isCut) yield this.#takeKept();
  }

  release(): Iterable<Buffer> {
    return [];
  }

  /** Looks at one byte in `maxLength`: a line too long is one without a newline in that distance. */
  *#bounded(region: Buffer, offset: number): Generator<Buffer> {
    let start = 0;
    let at = 0;
    while (region.length - at > this.#maxLength + 1) {
      const lineEnd = region.lastIndexOf(newline, at + this.#maxLength);
      if (lineEnd >= at) {
        at = lineEnd + 1;
        continue;
      }
      this.position = offset + at;
      if (at > start) yield region.subarray(start, at);
      start = region.indexOf(newline, at + this.#maxLength) + 1;
      this.#keep(region.subarray(at, start - 1));
      this.position = offset + start;
      yield this.#takeKept();
      at = start;
    }
    this.position = offset + region.length;
    if (start < region.length) yield region.subarray(start);
  }

  #keep(piece: Buffer): void {
    const room = this.#maxLength + 1 - this.#length;
    if (piece.length > 0 && room > 0) {
      // Copied: the source may fill the chunk anew once it was taken.
      this.#pieces.push(Buffer.from(piece.subarray(0, room)));
      this.#length += Math.min(piece.length, room);
    }
    if (piece.length > room) this.#isCut = true;
  }

  #takeKept(): Buffer {
    let line = Buffer.concat(this.#pieces);
    if (this.#isCut || !this.#fits(line)) {
      this.cut += 1;
      line = line.subarray(0, characterStart(line, this.#maxLength));
    }
    this.#drop();
    return Buffer.concat([line, newlineBytes]);
  }

  #drop(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#isCut = false;
  }

  /** The \r of a \r\n does not count. */
  #fits(line: Buffer): boolean {
    return line.length <= this.#maxLength || line[this.#maxLength] === 0x0d;
  }
}

/** The largest offset up to `at` that does not split a UTF-8 character. */
export function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && at - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
