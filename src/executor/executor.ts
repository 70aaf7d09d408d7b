// Where tasks run: in worker threads, or with none in this one. A task whose worker throws, dies or takes too long is
// done once more, by another worker, before it fails for good.
import type { Tinypool } from 'tinypool';
import { messageOf, SluiceError } from '../errors.ts';
import { packagePath } from '../package.ts';
import { tasks, type TaskName, type Tasks } from './tasks.ts';

export type ExecutorSettings = {
  /** Worker threads; 0 runs tasks in this thread. */
  readonly workers: number;
  /** Milliseconds a task may take. */
  readonly taskTimeout: number;
};

export class Executor {
  readonly #settings: ExecutorSettings;
  #pool: Promise<Tinypool> | undefined;

  constructor(settings: ExecutorSettings) {
    this.#settings = settings;
  }

  get workers(): number {
    return this.#settings.workers;
  }

  /** How many tasks keep all workers busy while results are taken in. */
  get width(): number {
    return Math.max(1, 2 * this.#settings.workers);
  }

  /** Has the workers start, so that they are there when the first task comes. */
  start(): void {
    // Why it failed, if it does, is told by the first task.
    if (this.#settings.workers > 0) (this.#pool ??= this.#start()).catch(() => undefined);
  }

  /** Throws SluiceError('bug') where the task failed twice. */
  async run<Name extends TaskName>(
    name: Name,
    input: Parameters<Tasks[Name]>[0],
  ): Promise<ReturnType<Tasks[Name]>> {
    if (this.#settings.workers === 0) return tasks[name](input) as ReturnType<Tasks[Name]>;
    try {
      return await this.#attempt(name, input);
    } catch (error) {
      if (error instanceof SluiceError) throw error;
    }
    try {
      return await this.#attempt(name, input);
    } catch (error) {
      throw new SluiceError('bug', `a task failed twice (${name}): ${messageOf(error)}`, undefined, error);
    }
  }

  async close(): Promise<void> {
    await (await this.#pool)?.destroy();
  }

  async #attempt<Name extends TaskName>(
    name: Name,
    input: Parameters<Tasks[Name]>[0],
  ): Promise<ReturnType<Tasks[Name]>> {
    const pool = await (this.#pool ??= this.#start());
    const signal = AbortSignal.timeout(this.#settings.taskTimeout);
    return (await pool.run({ name, input }, { signal })) as ReturnType<Tasks[Name]>;
  }

  async #start(): Promise<Tinypool> {
    const { Tinypool } = await import('tinypool');
    const { workers } = this.#settings;
    return new Tinypool({
      filename: packagePath('dist/worker.js'),
      minThreads: workers,
      maxThreads: workers,
      // Workers live as long as the job; one that idles for a moment must not be started anew.
      idleTimeout: 2 ** 31 - 1,
    });
  }
}
