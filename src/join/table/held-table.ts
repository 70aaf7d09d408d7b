// A table in memory: read when the first batch comes, and, where that is asked for, again when what it was read from has
// changed. All stages of a process that join with the same table have the same one.
import { setTimeout as sleep } from 'node:timers/promises';
import { formatSize } from '../../command/values.ts';
import { SluiceError } from '../../errors.ts';
import type { OriginState, TableOrigin } from './origin.ts';
import { TableBuilder, TableTooLarge, type Table, type TablePlan } from './table.ts';
import type { TableSource } from './table-join.ts';

/** A file that was written to within so many milliseconds may be written to still. */
const quiet = 1000;
/** So often a first reading is tried while somebody writes. */
const mostTries = 10;
/** A row in memory is mostly less than so many times as long as its line, names and all. */
const growth = 4;

type Reading = { readonly table: Table; readonly state: OriginState; readonly endsWhole: boolean };

export class HeldTable implements TableSource {
  readonly #origin: TableOrigin;
  #plan: Omit<TablePlan, 'name'>;
  readonly #isReadAgain: boolean;
  readonly #warn: (message: string) => void;
  #reading: Reading | undefined;
  /** Of a change that was seen and not taken yet: when it was first seen. */
  #seen: { readonly text: string; readonly at: number } | undefined;
  /** A change that cannot be taken: it is said once. */
  #refused: string | undefined;
  #pending: Promise<void> | undefined;

  constructor(settings: {
    readonly origin: TableOrigin;
    readonly plan: Omit<TablePlan, 'name'>;
    readonly isReadAgain: boolean;
    readonly warn: (message: string) => void;
  }) {
    this.#origin = settings.origin;
    this.#plan = settings.plan;
    this.#isReadAgain = settings.isReadAgain;
    this.#warn = settings.warn;
  }

  get table(): Table | undefined {
    return this.#reading?.table;
  }

  /** Another stage needs it too, maybe more of it; before it is read. */
  share(holdsMembers: boolean): void {
    if (holdsMembers) this.#plan = { ...this.#plan, holdsMembers };
  }

  refresh(now: number): Promise<void> | undefined {
    if (this.#reading && !this.#isReadAgain) return undefined;
    const before = this.#reading;
    this.#pending ??= (before ? this.#readAgain(before, now) : this.#readFirst()).finally(
      () => (this.#pending = undefined),
    );
    return this.#pending;
  }

  async #readFirst(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const state = await this.#origin.state();
      const reading = await this.#read(state);
      if ((await this.#origin.state()).text === state.text) return void (this.#reading = reading);
      if (tries === mostTries) break;
      await sleep(quiet);
    }
    throw new SluiceError(
      'tryLater',
      `${this.#origin.name} is written to all the time`,
      'write it under another name and move it to its place',
    );
  }

  async #readAgain(before: Reading, now: number): Promise<void> {
    let state: OriginState | undefined;
    try {
      state = await this.#origin.state();
      if (state.text === before.state.text || state.text === this.#refused) return;
      if (!this.#isQuiet(state, now)) return;
      const reading = await this.#read(state);
      if (await this.#isChanging(state)) return;
      this.#check(reading, before);
      this.#reading = reading;
      this.#refused = undefined;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      const text = state?.text ?? error.message;
      if (text === this.#refused || (state && (await this.#isChanging(state)))) return;
      this.#refused = text;
      this.#warn(
        `${this.#origin.name} has changed and cannot be taken: ${error.message}; the table of before stays`,
      );
    }
  }

  /** Whether nobody seems to be writing. The clock of a file system may be another one. */
  #isQuiet({ text, writtenAt }: OriginState, now: number): boolean {
    if (writtenAt === undefined || now - writtenAt >= quiet) return true;
    if (this.#seen?.text !== text) this.#seen = { text, at: now };
    return now - this.#seen.at >= quiet;
  }

  /** Whether it is not what it was when reading began; where it can be read at any time that does not matter. */
  async #isChanging({ text, writtenAt }: OriginState): Promise<boolean> {
    if (writtenAt === undefined) return false;
    return this.#origin.state().then(
      (state) => state.text !== text,
      () => true,
    );
  }

  /** What looks as if the other half were to come, however long nobody has written to it. */
  #check({ endsWhole, state }: Reading, before: Reading): void {
    if (state.size === 0) throw new SluiceError('badData', 'it is empty');
    if (!endsWhole && before.endsWhole) throw new SluiceError('badData', 'its last line has no end');
  }

  async #read(state: OriginState): Promise<Reading> {
    const { name } = this.#origin;
    const { maxSize } = this.#plan;
    const { size } = state;
    checkSize(name, size, maxSize);
    const builder = new TableBuilder({ ...this.#plan, name }, growth * (size ?? 1024 * 1024));
    const rows = this.#origin.read();
    let done: number | undefined;
    try {
      for (;;) {
        const { value, done: isOver } = await rows.next();
        if (isOver) return { table: builder.finish(), state, endsWhole: value };
        done = value.done;
        builder.add(value.payload, value.count);
      }
    } catch (error) {
      if (error instanceof TableTooLarge) throw tooLarge(name, builder.size, maxSize, done, size);
      throw error;
    } finally {
      await rows.return(true);
    }
  }
}

/** Throws SluiceError('badData') for a file that is larger than the table may be. */
export function checkSize(name: string, size: number | undefined, maxSize: number): void {
  if (size === undefined || size <= maxSize) return;
  throw new SluiceError(
    'badData',
    `${name} is too large to be held in memory: it has ${formatSize(size)}, and the limit is ${formatSize(maxSize)}`,
    tooLargeHint,
  );
}

const tooLargeHint =
  'a larger --max-table allows more; of a database, a query can leave out rows and columns; two streams are joined by --with';

function tooLarge(
  name: string,
  used: number,
  maxSize: number,
  done: number | undefined,
  size: number | undefined,
): SluiceError {
  const whole = done !== undefined && size !== undefined && done > 0 && done < size;
  const estimate = whole ? `about ${formatSize((used * size) / done)}` : `more than ${formatSize(maxSize)}`;
  return new SluiceError(
    'badData',
    `${name} is too large to be held in memory: it takes ${estimate} there, and the limit is ${formatSize(maxSize)}`,
    tooLargeHint,
  );
}
