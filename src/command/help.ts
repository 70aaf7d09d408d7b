// `sluice help [TOPIC]`: the packed manual page on a terminal, its Markdown anywhere else.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { manualPages } from '../man/manual.ts';
import type { Command } from './command.ts';
import { packagePath } from '../package.ts';
import { closest } from './suggest.ts';

/** Resolves to the exit code. Throws SluiceError('usage') for a topic that does not exist. */
export function showHelp(topic: string | undefined, commands: readonly Command[]): number {
  const name = topic === undefined ? 'sluice' : `sluice-${topic}`;
  const pages = manualPages(commands);
  const page = pages.find((candidate) => candidate.name === name);
  if (!page)
    throw unknownTopic(
      topic ?? '',
      pages.map((candidate) => candidate.name.replace(/^sluice-?/, '')).filter((known) => known !== ''),
    );
  const file = packagePath(`man/${page.name}.${page.section}`);
  if (process.stdout.isTTY && existsSync(file)) {
    const { status } = spawnSync('man', ['-l', file], { stdio: 'inherit' });
    if (status === 0) return exitCodes.ok.code;
  }
  process.stdout.write(`${page.markdown}\n`);
  return exitCodes.ok.code;
}

function unknownTopic(topic: string, topics: readonly string[]): SluiceError {
  const guess = closest(topic, topics);
  return new SluiceError(
    'usage',
    `there is no help on '${topic}'`,
    guess ? `did you mean '${guess}'?` : `there is help on: ${topics.join(', ')}`,
  );
}
