// Where tasks run: in worker threads, or with none in this one. A task whose worker throws, dies or takes too long is
// done once more before it fails for good.
import { monotonicTime } from '../clock.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { packagePath } from '../package.ts';
import type { Parcel, Pool } from './pool.ts';
import type { TaskName, Tasks } from './tasks.ts';

export type ExecutorSettings = {
  /** Worker threads; 0 runs tasks in this thread. */
  readonly workers: number;
  /** Milliseconds a task may take. */
  readonly taskTimeout: number;
};

type Input<Name extends TaskName> = Parameters<Tasks[Name]>[0];
type Result<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

export class Executor {
  readonly #settings: ExecutorSettings;
  readonly #file: string | undefined;
  #pool: Promise<Pool> | undefined;
  #times = { tasks: 0, taskMs: 0, slowestTask: 0 };

  /** `file` is what worker threads run; the tests have some that fail. */
  constructor(settings: ExecutorSettings, file?: string) {
    this.#settings = settings;
    this.#file = file;
  }

  get workers(): number {
    return this.#settings.workers;
  }

  /** Has the workers start, so that they are there when the first task comes. */
  start(): void {
    // Why it failed, if it does, is told by the first task.
    if (this.#settings.workers > 0)
      (this.#pool ??= this.#start()).then((pool) => pool.fill()).catch(() => undefined);
  }

  /**
   * `pack` makes of the input what crosses the thread boundary, anew for each try; without it the input is copied.
   * Throws SluiceError('bug') where the task failed twice.
   */
  async run<Name extends TaskName>(
    name: Name,
    input: Input<Name>,
    pack: (input: Input<Name>) => Parcel = copied,
  ): Promise<Result<Name>> {
    if (this.#settings.workers === 0) {
      // All that workers can do is much to load where only they do it.
      const { tasks } = await import('./tasks.ts');
      const task = tasks[name] as (input: Input<Name>) => Result<Name> | Promise<Result<Name>>;
      return task(input);
    }
    const pool = await (this.#pool ??= this.#start());
    let started = 0;
    const parcel = (): Parcel => {
      started = monotonicTime();
      const { content, transfer } = pack(input);
      return { content: { name, input: content }, transfer };
    };
    const attempt = async (): Promise<Result<Name>> => {
      const result = (await pool.run(parcel, this.#settings.taskTimeout)) as Result<Name>;
      this.#note(monotonicTime() - started);
      return result;
    };
    try {
      return await attempt();
    } catch {
      // Once is bad luck.
    }
    try {
      return await attempt();
    } catch (error) {
      throw new SluiceError('bug', `a task failed twice (${name}): ${messageOf(error)}`, undefined, error);
    }
  }

  /** Tasks of workers since the last call, for the report: how many, how long all of them took, and the slowest. */
  takeTimes(): Record<string, number> {
    const { tasks: count, taskMs, slowestTask } = this.#times;
    this.#times = { tasks: 0, taskMs: 0, slowestTask: 0 };
    return count > 0 ? { tasks: count, taskMs: rounded(taskMs), slowestTask: rounded(slowestTask) } : {};
  }

  #note(milliseconds: number): void {
    this.#times.tasks += 1;
    this.#times.taskMs += milliseconds;
    this.#times.slowestTask = Math.max(this.#times.slowestTask, milliseconds);
  }

  async close(): Promise<void> {
    await (await this.#pool)?.close();
  }

  async #start(): Promise<Pool> {
    const { Pool } = await import('./pool.ts');
    return new Pool(this.#file ?? packagePath('bin/worker.js'), this.#settings.workers);
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

const copied = (content: unknown): Parcel => ({ content, transfer: [] });
