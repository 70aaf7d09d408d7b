// A pipeline's plan: which commands with which settings, checked as a whole. Plain data (`sluice explain --json`),
// so that other engines than this process can run it.
import type { StageCommand } from '../command/command.ts';
import { parsePlain, type Invocation } from '../command/parse.ts';
import { formatDuration, parseDuration } from '../command/values.ts';
import { commandNames, loadCommand } from '../commands.ts';
import { closest } from '../command/suggest.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { parsePipelineText, textError, type StageWords, type Word } from './pipeline-text.ts';

export type PlannedStage = {
  readonly command: StageCommand;
  readonly invocation: Invocation;
  readonly words: StageWords;
};

export type Plan = { readonly text: string; readonly stages: readonly PlannedStage[] };

/** Throws SluiceError('usage') that points at the word in question. */
export async function planPipeline(text: string): Promise<Plan> {
  const stages: PlannedStage[] = [];
  for (const words of parsePipelineText(text)) stages.push(await planStage(text, words));
  for (const [index, stage] of stages.entries()) checkPlace(text, stage, index, stages.length);
  checkIntervals(text, stages);
  return { text, stages };
}

async function planStage(text: string, words: StageWords): Promise<PlannedStage> {
  const [name, ...rest] = words;
  const command = await loadCommand(name.text);
  if (command?.kind !== 'stage') {
    const guess = closest(name.text, commandNames);
    throw textError(
      `there is no stage '${name.text}'`,
      text,
      name,
      guess ? `did you mean '${guess}'?` : `there are: ${commandNames.join(', ')}`,
    );
  }
  try {
    const invocation =
      parsePlain(
        command,
        rest.map((word) => word.text),
      ) ?? (await complain(words));
    return { command, invocation, words };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw textError(`${command.name}: ${error.message}`, text, culprit(words, error.message), error.hint);
  }
}

/** yargs knows what is wrong with words that are not plain. */
async function complain(words: StageWords): Promise<never> {
  const { parseWithYargs } = await import('../command/yargs.ts');
  const asks = words.find(({ text }) => ['--help', '-h', '--version'].includes(text));
  if (!asks) await parseWithYargs(words.map((word) => word.text));
  throw new SluiceError('usage', `${asks?.text ?? words.at(-1)?.text} has no place in a pipeline`);
}

/** The word that a message about a stage speaks of, or the stage's name. */
export function culprit(words: StageWords, message: string): Word {
  const [name, ...rest] = words;
  const option = /--[a-z-]+/.exec(message)?.[0];
  const quoted = /'([^']+)'/.exec(message)?.[1];
  return (
    rest.find(({ text }) => text === quoted || (option !== undefined && text.split('=')[0] === option)) ??
    name
  );
}

function checkPlace(text: string, { command, words }: PlannedStage, index: number, count: number): void {
  const [name] = words;
  const due = index === 0 ? 'source' : index === count - 1 ? 'sink' : 'filter';
  if (command.role === due) return;
  const places = { source: 'comes first', filter: 'stands between a source and a sink', sink: 'comes last' };
  const hint =
    'a pipeline begins with `ingest` and ends with `emit`, as in: ingest a.log | batch --once | reduce --words | emit';
  throw textError(`${command.name} ${places[command.role]}`, text, name, hint);
}

/** A window that is no multiple of the batch interval, seen before anything runs. */
function checkIntervals(text: string, stages: readonly PlannedStage[]): void {
  const batch = stages.find(({ command }) => command.name === 'batch');
  const interval = batch?.invocation.operands[0];
  for (const { command, words, invocation } of stages) {
    if (command.name !== 'window') continue;
    const [size] = invocation.operands;
    const lengths = [
      size === undefined
        ? undefined
        : { what: 'size', length: parseDurationAt(text, words, size), typed: size },
    ];
    const slide = invocation.settings['slide'];
    if (typeof slide === 'number') lengths.push({ what: 'slide', length: slide, typed: '--slide' });
    for (const given of lengths) {
      if (!given || interval === undefined) continue;
      const milliseconds = parseDuration(interval);
      if (given.length % milliseconds === 0) continue;
      const word = words.find((candidate) => candidate.text.split('=')[0] === given.typed) ?? words[0];
      const message = `the window’s ${given.what} (${formatDuration(given.length)}) is no multiple of the batch interval (${formatDuration(milliseconds)})`;
      throw textError(message, text, word, 'choose one that is, or change the interval of `batch`');
    }
  }
}

function parseDurationAt(text: string, words: StageWords, duration: string): number {
  try {
    return parseDuration(duration);
  } catch (error) {
    const word = words.find((candidate) => candidate.text === duration) ?? words[0];
    throw textError(messageOf(error), text, word, error instanceof SluiceError ? error.hint : undefined);
  }
}
