// The entry of a worker thread. Results are copied to the main thread: to transfer them, tinypool would have to be
// loaded in here too, which takes longer than copying a table.
import { tasks, type TaskName } from './tasks.ts';

type Job = { readonly name: TaskName; readonly input: Parameters<(typeof tasks)[TaskName]>[0] };

export default function work({ name, input }: Job): unknown {
  return tasks[name](input);
}
