// Worker threads with one task at a time each. A thread that throws outside of its task, dies, or takes too long is
// replaced. CONTRIBUTING.md says why this is no library.
import { Worker, type Transferable } from 'node:worker_threads';

/** What a worker answers; buffers in the result were transferred. */
export type Answer = { readonly result: unknown } | { readonly error: unknown };

/** Something that crosses the thread boundary, with the buffers in it that are handed over instead of copied. */
export type Parcel = { readonly content: unknown; readonly transfer: readonly Transferable[] };

export class Pool {
  readonly #file: string;
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  readonly #workers = new Set<Worker>();

  constructor(file: string, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /**
   * Resolves to what the task gave. `pack` is called once a worker is free, so that no more parcels lie about than
   * there are workers. `timeout` are milliseconds from then on. Rejects with the reason for which there is no result.
   */
  async run(pack: () => Parcel, timeout: number): Promise<unknown> {
    const worker = await this.#take();
    let answer: Answer;
    try {
      answer = await answerOf(worker, pack(), timeout);
    } catch (lost) {
      this.#workers.delete(worker);
      void worker.terminate();
      const next = this.#waiting.shift();
      if (next) next(this.#start());
      throw lost;
    }
    this.#giveBack(worker);
    if ('error' in answer) throw answer.error;
    return answer.result;
  }

  /** Starts all workers, which otherwise begin with the first task that finds none free. */
  fill(): void {
    while (this.#workers.size < this.#size) this.#idle.push(this.#start());
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#workers, (worker) => worker.terminate()));
  }

  #take(): Promise<Worker> | Worker {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#workers.size < this.#size) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next) next(worker);
    else this.#idle.push(worker);
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    this.#workers.add(worker);
    // One that dies while it has nothing to do is missed only by whoever would take it next.
    worker
      .on('error', () => undefined)
      .on('exit', () => {
        this.#workers.delete(worker);
        const place = this.#idle.indexOf(worker);
        if (place !== -1) this.#idle.splice(place, 1);
      });
    worker.unref();
    return worker;
  }
}

/** Rejects where the worker was lost. Only a worker that is waited for keeps the process alive. */
function answerOf(worker: Worker, { content, transfer }: Parcel, timeout: number): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const timer = setTimeout(
      () => settle(() => reject(new Error(`no answer within ${timeout} ms`))),
      timeout,
    );
    const onExit = (code: number): void => settle(() => reject(new Error(`its thread exited with ${code}`)));
    const onError = (error: unknown): void => settle(() => reject(error));
    const onMessage = (answer: Answer): void => settle(() => resolve(answer));

    function settle(how: () => void): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
      how();
    }

    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    worker.postMessage(content, transfer);
  });
}
