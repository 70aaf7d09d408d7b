// argv → command → exit code.
import { loadAllCommands, loadCommand } from './commands.ts';
import type { Command } from './command/command.ts';
import { parsePlain, type Invocation } from './command/parse.ts';
import { messageOf } from './errors.ts';
import { standardEnvelopes } from './stage/output.ts';
import { runStage } from './stage/run-stage.ts';
import { reportError } from './stage/stderr.ts';

/** Resolves to the exit code; never rejects, never calls process.exit, which would cut off what is being written. */
export async function main(argv: string[]): Promise<number> {
  const [name = ''] = argv;
  try {
    return await dispatch(name, argv);
  } catch (error) {
    const command = await loadCommand(name);
    if (
      command?.kind === 'stage' &&
      (command.role !== 'sink' || argv.includes('--through')) &&
      !process.stdout.isTTY
    ) {
      await standardEnvelopes().fail(`sluice ${name}: ${messageOf(error)}`);
    }
    return reportError(error, command?.name);
  }
}

async function dispatch(name: string, argv: string[]): Promise<number> {
  const command = await loadCommand(name);
  const invocation = command && parsePlain(command, argv.slice(1));
  if (command && invocation) return runCommand(command, invocation);
  if (name === 'help' && argv.length <= 2 && !argv[1]?.startsWith('-')) {
    // yargs would take the bare word for --help.
    const { showHelp } = await import('./command/help.ts');
    return showHelp(argv[1], await loadAllCommands());
  }
  const { parseWithYargs } = await import('./command/yargs.ts');
  const wish = await parseWithYargs(argv);
  return wish.command ? runCommand(wish.command, wish.invocation) : wish.exitCode;
}

async function runCommand(command: Command, { settings, operands, order }: Invocation): Promise<number> {
  if (command.kind === 'tool') return command.run(settings, operands);
  return runStage(await command.make(settings, operands, order));
}
