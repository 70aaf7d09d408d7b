// Between clients and the pipeline: what has come in whole and was not asked for yet. It is bounded by whoever fills it, who stops
// reading while it is full; what is in it is handed on in the order in which it came.
import { createHash } from 'node:crypto';

/** About so many bytes are handed on at once: a part of a batch, mostly. */
const chunkSize = 768 * 1024;
/** Beyond this nobody should add more. Bytes. */
const enough = 4 * 1024 * 1024;
/** What an entry, or an id, takes beside its bytes. */
const overhead = 200;

export type Entry = {
  /** Whole lines. */
  readonly bytes: Buffer;
  /** Of lines that have an id: where they are, and the id, where such are to be left out that came before. */
  readonly ids?: readonly LineId[];
  /** Told once it cannot get lost any more. */
  readonly onSafe?: () => void;
  /** Told where nobody will take it any more, or nobody knows who did. */
  readonly onLost?: () => void;
};

export type LineId = { readonly start: number; readonly end: number; readonly id: string };

export class Inbox {
  readonly #known: KnownIds | undefined;
  #entries: Entry[] = [];
  #size = 0;
  /** Handed on, and not yet known to be safe. */
  #taken: Entry[] = [];
  #isOver = false;
  #failure: unknown;
  #wake: (() => void) | undefined;
  readonly #onRoom: (() => void)[] = [];
  /** Bytes that were handed on. */
  position = 0;

  constructor(known?: KnownIds) {
    this.#known = known;
  }

  get isFull(): boolean {
    return this.#size >= enough;
  }

  /** Called each time when it is not full any more. */
  whenRoom(listener: () => void): void {
    this.#onRoom.push(listener);
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#size += sizeOf(entry);
    this.#wake?.();
  }

  /** Takes an entry back. False where it is on its way already. */
  withdraw(entry: Entry): boolean {
    const at = this.#entries.indexOf(entry);
    if (at === -1) return false;
    this.#entries.splice(at, 1);
    this.#shrink(sizeOf(entry));
    return true;
  }

  /** Nothing more comes; what is in it is still handed on. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#failure = error;
    this.end();
  }

  /** Chunks of whole lines. One is safe once the next is asked for, if `markSafe` was not called before. */
  async *read(): AsyncGenerator<Buffer> {
    for (;;) {
      while (this.#entries.length === 0) {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#isOver) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
      const bytes = this.#take();
      if (bytes.length > 0) yield bytes;
      this.markSafe();
    }
  }

  markSafe(): void {
    const taken = this.#taken;
    this.#taken = [];
    for (const { onSafe } of taken) onSafe?.();
  }

  /** All is over: what is not known to be safe will not be. */
  giveUp(): void {
    const lost = [...this.#taken, ...this.#entries];
    this.#taken = [];
    this.#entries = [];
    for (const { onLost } of lost) onLost?.();
  }

  #take(): Buffer {
    let size = 0;
    let count = 0;
    for (const { bytes } of this.#entries) {
      if (count > 0 && size + bytes.length > chunkSize) break;
      size += bytes.length;
      count += 1;
    }
    this.#taken = this.#entries.splice(0, count);
    this.#shrink(this.#taken.reduce((sum, entry) => sum + sizeOf(entry), 0));
    const pieces = this.#taken.map((entry) => this.#known?.withoutKnown(entry) ?? entry.bytes);
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    this.position += bytes.length;
    return bytes;
  }

  #shrink(length: number): void {
    const wasFull = this.isFull;
    this.#size -= length;
    if (wasFull && !this.isFull) for (const listener of this.#onRoom) listener();
  }
}

function sizeOf({ bytes, ids = [] }: Entry): number {
  return bytes.length + overhead * (1 + ids.length);
}

/** So many ids are known, the newest: a batch is sent again soon or never. */
const mostIds = 250_000;
/** What is longer is known by its digest, which is longer than this. Characters. */
const longestId = 40;

export class KnownIds {
  readonly #ids = new Set<string>();
  /** Lines that were left out. */
  left = 0;

  /** False where it was known. */
  add(text: string): boolean {
    const id = text.length > longestId ? createHash('sha256').update(text).digest('base64') : text;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > mostIds) this.#ids.delete(this.#ids.values().next().value as string);
    return true;
  }

  withoutKnown({ bytes, ids = [] }: Entry): Buffer {
    if (ids.length === 0) return bytes;
    const kept = Buffer.allocUnsafe(bytes.length);
    let [length, from] = [0, 0];
    for (const { start, end, id } of ids) {
      if (this.add(id)) continue;
      this.left += 1;
      length += bytes.copy(kept, length, from, start);
      from = end;
    }
    length += bytes.copy(kept, length, from);
    return kept.subarray(0, length);
  }
}
