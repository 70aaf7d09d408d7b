// Where records stand in their input. A place is the end of a region of whole lines and the number of records since: whoever
// reads from there gets the same records again, however the bytes come in chunks.
import type { Header, Position } from '../envelope/envelope.ts';
import type { SourcePlace } from '../stage/stage.ts';

export class Places {
  /** The input that is read; undefined where nobody asks. */
  #input: Omit<SourcePlace, 'offset' | 'skip'> | undefined;
  /** End of the last region. */
  #anchor = 0;
  /** Records since. */
  #records = 0;
  /** Records still to be passed over, since an earlier run had them. */
  #known = 0;
  /** Up to here the blocks so far tell. */
  #told: Position = { offset: 0 };

  isNew({ id }: SourcePlace): boolean {
    return id !== this.#input?.id;
  }

  /** More is known by now of the input that is read. */
  renew(place: SourcePlace): void {
    const { offset: _, skip: __, ...input } = place;
    this.#input = input;
  }

  /** Another input is read from `place` on. */
  enter({ offset, skip = 0, ...input }: SourcePlace): void {
    this.#input = input;
    this.#anchor = offset;
    this.#records = 0;
    this.#known = skip;
    this.#told = positionOf(offset, skip);
  }

  /** True where nothing of the input has been passed yet. */
  get isAtStart(): boolean {
    return !this.#input || this.#anchor === 0;
  }

  /** Of so many records that come, how many were had before: they count as passed. */
  skip(count: number): number {
    const skipped = Math.min(this.#known, count);
    this.#known -= skipped;
    this.#records += skipped;
    return skipped;
  }

  count(records: number): void {
    this.#records += records;
  }

  /** All records up to the byte `position` have been counted. */
  pass(position: number): void {
    this.#anchor = position;
    this.#records = 0;
  }

  /** True where more was read than the blocks so far tell. */
  get hasMoved(): boolean {
    if (!this.#input || this.#known > 0) return false;
    const isMarked = this.#input.over === true || this.#input.gone === true;
    return isMarked || this.#anchor !== this.#told.offset || this.#records !== (this.#told.skip ?? 0);
  }

  /** From where to where the block is that leaves now. */
  takeOffsets(): Pick<Header, 'offsets'> {
    if (!this.#input || !this.hasMoved) return {};
    const { id, ...more } = this.#input;
    const from = this.#told;
    const until = positionOf(this.#anchor, this.#records);
    this.#told = until;
    const { over: _, gone: __, ...file } = more;
    this.#input = { id, ...file };
    return { offsets: { [id]: { from: { ...from, ...file }, until: { ...until, ...more } } } };
  }
}

function positionOf(offset: number, skip: number): Position {
  return { offset, ...(skip > 0 && { skip }) };
}
