// The stages in the order data flows through them, then the commands about pipelines. Each is loaded on need: a pipeline
// starts one process for each stage, and pays in each for what is loaded.
import type { Command } from './command/command.ts';

const loaders = {
  ingest: async () => (await import('./ingest/command.ts')).ingestCommand,
  batch: async () => (await import('./batch/command.ts')).batchCommand,
  map: async () => (await import('./map/command.ts')).mapCommand,
  union: async () => (await import('./union/command.ts')).unionCommand,
  dedup: async () => (await import('./dedup/command.ts')).dedupCommand,
  join: async () => (await import('./join/command.ts')).joinCommand,
  window: async () => (await import('./window/command.ts')).windowCommand,
  reduce: async () => (await import('./reduce/command.ts')).reduceCommand,
  emit: async () => (await import('./emit/command.ts')).emitCommand,
  run: async () => (await import('./plan/command.ts')).runCommand,
  explain: async () => (await import('./plan/command.ts')).explainCommand,
  state: async () => (await import('./state/command.ts')).stateCommand,
  doctor: async () => (await import('./doctor/command.ts')).doctorCommand,
};

export const commandNames = Object.keys(loaders);

export async function loadCommand(name: string): Promise<Command | undefined> {
  if (!Object.hasOwn(loaders, name)) return undefined;
  return (await loaders[name as keyof typeof loaders]()) as unknown as Command;
}

export function loadAllCommands(): Promise<Command[]> {
  return Promise.all(Object.values(loaders).map(async (load) => (await load()) as unknown as Command));
}
