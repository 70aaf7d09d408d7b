// The stages in the order data flows through them, then the commands about pipelines. The stages come in one piece, since
// a pipeline starts one process for each and a file costs more to find than to parse; what is not in every pipeline, and
// whatever is heavy (yargs, the terminal, worker threads, the planner), is loaded on need.
import { batchCommand } from './batch/command.ts';
import type { Command } from './command/command.ts';
import { emitCommand } from './emit/command.ts';
import { ingestCommand } from './ingest/command.ts';
import { reduceCommand } from './reduce/command.ts';
import { windowCommand } from './window/command.ts';

const loaders = {
  ingest: () => ingestCommand,
  batch: () => batchCommand,
  union: async () => (await import('./union/command.ts')).unionCommand,
  dedup: async () => (await import('./dedup/command.ts')).dedupCommand,
  join: async () => (await import('./join/command.ts')).joinCommand,
  window: () => windowCommand,
  reduce: () => reduceCommand,
  emit: () => emitCommand,
  run: async () => (await import('./plan/command.ts')).runCommand,
  explain: async () => (await import('./plan/command.ts')).explainCommand,
};

export const commandNames = Object.keys(loaders);

export async function loadCommand(name: string): Promise<Command | undefined> {
  if (!Object.hasOwn(loaders, name)) return undefined;
  return (await loaders[name as keyof typeof loaders]()) as unknown as Command;
}

export function loadAllCommands(): Promise<Command[]> {
  return Promise.all(Object.values(loaders).map(async (load) => (await load()) as unknown as Command));
}
