// A plan: which commands with which settings, checked as a whole, and what they have in common. Plain data
// (`sluice explain --json`), so that other engines than this process can run it.
import type { StageCommand } from '../command/command.ts';
import { parsePlain, type Invocation } from '../command/parse.ts';
import { formatDuration, parseDuration } from '../command/values.ts';
import { loadAllCommands, loadCommand } from '../commands.ts';
import { closest } from '../command/suggest.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { culprit } from './culprit.ts';
import { parsePipelineText, textError, type StageWords } from './pipeline-text.ts';
import { shareBeginnings, type PlanNode } from './tree.ts';

export type PlannedStage = {
  readonly command: StageCommand;
  readonly invocation: Invocation;
  readonly words: StageWords;
};

/** A tree for each source. */
export type Plan = { readonly text: string; readonly roots: readonly PlanNode[] };

/** Throws SluiceError('usage') that points at the word in question. */
export async function planPipelines(text: string): Promise<Plan> {
  const pipelines: PlannedStage[][] = [];
  for (const pipeline of parsePipelineText(text)) {
    const stages: PlannedStage[] = [];
    for (const words of pipeline) stages.push(await planStage(text, words));
    for (const [index, stage] of stages.entries()) checkPlace(text, stage, index, stages.length);
    checkIntervals(text, stages);
    pipelines.push(stages);
  }
  const roots = shareBeginnings(pipelines);
  checkStandardInput(text, roots);
  return { text, roots };
}

async function planStage(text: string, words: StageWords): Promise<PlannedStage> {
  const [name, ...rest] = words;
  const command = await loadCommand(name.text);
  if (command?.kind !== 'stage') throw await unknownStage(text, name);
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
  throw new SluiceError('usage', `'${asks?.text ?? words.at(-1)?.text}' has no place in a pipeline`);
}

async function unknownStage(text: string, name: StageWords[0]): Promise<SluiceError> {
  const names = (await loadAllCommands()).flatMap((command) =>
    command.kind === 'stage' ? command.name : [],
  );
  const guess = closest(name.text, names);
  const hint = guess ? `did you mean '${guess}'?` : `there are: ${names.join(', ')}`;
  return textError(`there is no stage '${name.text}'`, text, name, hint);
}

const wholePipeline =
  'a pipeline begins with `ingest` and ends with `emit`, as in: ingest a.log | batch --once | reduce --words | emit';

function checkPlace(text: string, { command, words }: PlannedStage, index: number, count: number): void {
  const { role } = command;
  const due = index === 0 ? 'source' : index === count - 1 ? 'sink' : 'filter';
  if (role === due) return;
  const problem =
    role === 'source'
      ? `${command.name} comes first`
      : due === 'source'
        ? `a source is missing in front of ${command.name}`
        : role === 'sink'
          ? `${command.name} comes last`
          : `a sink is missing behind ${command.name}`;
  const [first] = words;
  const place = due === 'sink' ? { start: first.start, end: words.at(-1)?.end ?? first.end } : first;
  throw textError(problem, text, place, wholePipeline);
}

/** What was read by one source is gone for another. */
function checkStandardInput(text: string, roots: readonly PlanNode[]): void {
  const [, second] = roots.filter(({ planned: { invocation } }) => {
    return invocation.operands.length === 0 || invocation.operands.includes('-');
  });
  if (!second) return;
  const hint = 'write the two stages in the same way, and it is read once for both';
  throw textError('standard input is read already, by another stage', text, second.planned.words[0], hint);
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
