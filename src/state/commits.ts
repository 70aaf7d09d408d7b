// What the sinks have for good. Written by whoever has the sinks, once all of them have it; the newest two are kept, in case
// the newest is damaged.
import { rmSync } from 'node:fs';
import type { Json } from '../envelope/json.ts';
import { DamagedFile, readChecked, writeChecked } from './checked.ts';
import { numbered, numbersIn } from './folder.ts';

export type Commit = {
  /** The newest batch, as the sinks count, that they have all of; absent before the first. */
  readonly batch?: number;
  /** The newest checkpoints that all stages have reached, newest first. */
  readonly checkpoints: readonly number[];
  /** The stream has ended for good behind it: what comes next begins anew. */
  readonly isEnded?: boolean;
  /** For each sink what it needs to go on, in the order of the branches. */
  readonly sinks: readonly Json[];
};

/** The newest commit that can be read. `warn` is told of damaged ones. */
export function newestCommit(folder: string, warn: (message: string) => void): Commit | undefined {
  return newestIn(folder, warn)?.commit;
}

function newestIn(
  folder: string,
  warn: (message: string) => void,
): { readonly number: number; readonly commit: Commit } | undefined {
  for (const number of numbersIn(folder).toReversed()) {
    try {
      const body = readChecked(numbered(folder, number));
      if (body !== undefined) return { number, commit: JSON.parse(body) as Commit };
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      warn(`${error.message}: the one before is used`);
    }
  }
  return undefined;
}

/** Files are numbered by themselves: a batch may be committed twice, the second time with the end of the stream. */
export class Commits {
  readonly #folder: string;
  #next: number;

  /** Goes on behind the newest commit that can be read; damaged ones behind it are of no use any more. */
  constructor(folder: string) {
    this.#folder = folder;
    const newest = newestIn(folder, () => undefined)?.number ?? -1;
    for (const number of numbersIn(folder)) if (number > newest) rmSync(numbered(folder, number));
    this.#next = newest + 1;
  }

  /** Throws SluiceError('inputOutput'). */
  write(commit: Commit): void {
    writeChecked(numbered(this.#folder, this.#next), `${JSON.stringify(commit)}\n`);
    rmSync(numbered(this.#folder, this.#next - 2), { force: true });
    this.#next += 1;
  }
}
