// The entry of a worker thread: one task at a time, its buffers handed back instead of copied.
import { parentPort } from 'node:worker_threads';
import type { Answer } from './pool.ts';
import { tasks, type TaskName } from './tasks.ts';

type Job = { readonly name: TaskName; readonly input: never };

parentPort?.on('message', async ({ name, input }: Job) => {
  const answer = await answerTo(name, input);
  parentPort?.postMessage(answer, 'result' in answer ? buffersIn(answer.result) : []);
});

async function answerTo(name: TaskName, input: never): Promise<Answer> {
  try {
    return { result: await tasks[name](input) };
  } catch (error) {
    return { error };
  }
}

function buffersIn(result: unknown): ArrayBuffer[] {
  return Object.values(result as object).filter((value) => value instanceof ArrayBuffer);
}
