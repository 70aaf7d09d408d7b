// `sluice help [TOPIC]`: the packed manual page on a terminal, the plain help anywhere else.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Argv } from 'yargs';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Command, OptionTable } from './command.ts';
import { closest } from './suggest.ts';

/** Resolves to the exit code. Throws SluiceError('usage') for a topic that does not exist. */
export async function showHelp(
  topic: string | undefined,
  commands: readonly Command<OptionTable>[],
  parser: Argv,
): Promise<number> {
  const topics = [...commands.map(({ name }) => name), 'envelope'];
  if (topic !== undefined && !topics.includes(topic)) {
    const guess = closest(topic, topics);
    throw new SluiceError(
      'usage',
      `there is no help on '${topic}'`,
      guess ? `did you mean '${guess}'?` : `there is help on: ${topics.join(', ')}`,
    );
  }
  const page = manualPage(topic);
  if (process.stdout.isTTY && existsSync(page)) {
    const { status, error } = spawnSync('man', ['-l', page], { stdio: 'inherit' });
    if (!error && status === 0) return exitCodes.ok.code;
  }
  process.stdout.write(`${await plainHelp(topic, parser, page)}\n`);
  return exitCodes.ok.code;
}

async function plainHelp(topic: string | undefined, parser: Argv, page: string): Promise<string> {
  if (topic === 'envelope') return `The wire format is described in the manual page ${page}`;
  if (topic === undefined) return parser.getHelp();
  let help = '';
  await parser.parseAsync([topic, '--help'], {}, (_error: unknown, _argv: unknown, output: string) => {
    help = output;
  });
  return help;
}

function manualPage(topic: string | undefined): string {
  const name =
    topic === undefined ? 'sluice.1' : topic === 'envelope' ? 'sluice-envelope.5' : `sluice-${topic}.1`;
  return fileURLToPath(new URL(`../../man/${name}`, import.meta.url));
}
