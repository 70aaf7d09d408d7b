// argv → command → exit code. The only place that turns errors into exit codes and text.
import { loadCommand } from './commands.ts';
import { parsePlain } from './command/parse.ts';
import { messageOf, SluiceError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { standardEnvelopes } from './stage/output.ts';
import { warn } from './stage/stderr.ts';

/** Resolves to the exit code; never rejects, never calls process.exit, which would cut off what is being written. */
export async function main(argv: string[]): Promise<number> {
  const [name = ''] = argv;
  try {
    return await dispatch(name, argv);
  } catch (error) {
    const command = await loadCommand(name);
    if (command?.writes === 'envelopes' && !process.stdout.isTTY) {
      await standardEnvelopes().fail(`sluice ${name}: ${messageOf(error)}`);
    }
    return report(error, command?.name);
  }
}

async function dispatch(name: string, argv: string[]): Promise<number> {
  const command = await loadCommand(name);
  const invocation = command && parsePlain(command, argv.slice(1));
  if (command && invocation) return command.run(invocation.settings as never, invocation.operands);
  const { runWithYargs } = await import('./command/yargs.ts');
  return runWithYargs(argv);
}

function report(error: unknown, stage: string | undefined): number {
  if (error instanceof SluiceError) {
    warn(stage, error.message, error.hint);
    return error.exitCode;
  }
  warn(
    stage,
    `this is a bug in sluice, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCodes.bug.code;
}
