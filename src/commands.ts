// The stages in the order data flows through them. A command's tables are loaded when it is used: a pipeline
// starts one process a stage, and each pays for what it imports.
import type { Command } from './command/command.ts';

// A command's run takes the settings of its own table; parsing makes them from that same table.
type AnyCommand = Command;

const loaders = {
  ingest: async () => (await import('./ingest/command.ts')).ingestCommand,
  batch: async () => (await import('./batch/command.ts')).batchCommand,
  window: async () => (await import('./window/command.ts')).windowCommand,
  reduce: async () => (await import('./reduce/command.ts')).reduceCommand,
  emit: async () => (await import('./emit/command.ts')).emitCommand,
};

export const commandNames = Object.keys(loaders);

export async function loadCommand(name: string): Promise<AnyCommand | undefined> {
  if (!Object.hasOwn(loaders, name)) return undefined;
  return (await loaders[name as keyof typeof loaders]()) as unknown as AnyCommand;
}

export function loadAllCommands(): Promise<AnyCommand[]> {
  return Promise.all(Object.values(loaders).map(async (load) => (await load()) as unknown as AnyCommand));
}
