// The entry of a worker thread: one task at a time, its buffers handed back instead of copied.
import { parentPort } from 'node:worker_threads';
import type { Answer } from './pool.ts';
import { tasks, type TaskName } from './tasks.ts';

type Job = { readonly name: TaskName; readonly input: never };

parentPort?.on('message', async ({ name, input }: Job) => {
  const answer = await answerTo(name, input);
  parentPort?.postMessage(answer, 'result' in answer ? Array.from(new Set(buffersIn(answer.result))) : []);
});

async function answerTo(name: TaskName, input: never): Promise<Answer> {
  try {
    return { result: await tasks[name](input) };
  } catch (error) {
    return { error };
  }
}

/** Those among its members, theirs included. */
function buffersIn(value: unknown): ArrayBuffer[] {
  if (value instanceof ArrayBuffer) return [value];
  const hasMembers = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
  return hasMembers ? Object.values(value as object).flatMap(buffersIn) : [];
}
