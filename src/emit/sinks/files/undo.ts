// How long files were at the last commit of a job, written down before they grow: what a crash left behind it is taken back by
// the next run. A file beside those that are written, `.sluice-JOB.undo`, as a database has a rollback journal.
import { open, readFile, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotWrite, SluiceError, systemCode } from '../../../errors.ts';

type Note = { readonly path: string; readonly length: number };

export class Undo {
  readonly #path: string;
  /** Of the commit that is to come; what an earlier one wrote down counts no more. */
  number: number;
  #handle: FileHandle | undefined;

  private constructor(path: string, number: number) {
    this.#path = path;
    this.number = number;
  }

  /** `number` is what the last commit resolved to. All is as it was at that. */
  static async begin(folder: string, job: string, number: number): Promise<Undo> {
    const undo = new Undo(join(folder, `.sluice-${job}.undo`), number);
    await undo.rollBack();
    return undo;
  }

  /** On the disk when this resolves. */
  async note(notes: readonly Note[]): Promise<void> {
    try {
      const isNew = this.#handle === undefined;
      this.#handle ??= await open(this.#path, 'w');
      const lines = [...(isNew ? [{ number: this.number }] : []), ...notes];
      await this.#handle.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      await this.#handle.datasync();
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  /** What was written down is over once the job has kept the number that this resolves to. */
  async commit(): Promise<number> {
    await this.close();
    return (this.number += 1);
  }

  async rollBack(): Promise<void> {
    await this.close();
    const [first, ...notes] = await this.#read();
    if ((first as { number?: number } | undefined)?.number === this.number)
      for (const { path, length } of (notes as Note[]).toReversed()) await shorten(path, length);
    await this.forget();
  }

  /** The job is over, and its commit is kept. */
  async forget(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  /** A last line that is not whole was never heeded. */
  async #read(): Promise<unknown[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return '';
      throw error;
    });
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/** To what it was; a file that was not there is gone. */
async function shorten(path: string, length: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return;
  try {
    if (length === 0) await rm(path);
    else if (found.size > length) await truncate(path, length);
  } catch (error) {
    throw new SluiceError('inputOutput', `cannot take back what a crash left in ${path}`, undefined, error);
  }
}
