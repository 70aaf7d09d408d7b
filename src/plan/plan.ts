// A plan: which commands with which settings, checked as a whole, and what they have in common. Plain data
// (`sluice explain --json`), so that other engines than this process can run it.
import type { StageCommand } from '../command/command.ts';
import { parsePlain, type Invocation } from '../command/parse.ts';
import { loadAllCommands, loadCommand } from '../commands.ts';
import { closest } from '../command/suggest.ts';
import { SluiceError } from '../errors.ts';
import { culprit } from './culprit.ts';
import { parsePipelineText, textError, type StageWords } from './pipeline-text.ts';
import { shareBeginnings, type PlanNode } from './tree.ts';
import { parseDuration } from '../command/values.ts';
import type { WindowSettings } from '../window/command.ts';
import { planWindow } from '../window/plan.ts';
import { misfit } from '../window/window.ts';

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
    checkOrder(text, stages);
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

const parting =
  'to go on behind a sink let the pipeline part, which reads the source once: ingest a.log | batch 10s | emit a.db ; ingest a.log | batch 10s | reduce count | emit';

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
  throw textError(problem, text, place, role === 'sink' && due === 'filter' ? parting : wholePipeline);
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

/** Stages that batches and windows stand on the wrong side of, seen before anything runs. */
function checkOrder(text: string, stages: readonly PlannedStage[]): void {
  const names = stages.map(({ command }) => command.name);
  for (const [index, { command, words, invocation }] of stages.entries()) {
    const before = new Set(names.slice(0, index));
    const [name] = words;
    // With a table a join changes records one by one, as map does.
    const mergesStreams =
      command.name === 'union' || (command.name === 'join' && invocation.operands.length === 0);
    if (mergesStreams && before.has('window')) {
      const message = `${command.name} stands in front of window`;
      throw textError(message, text, name, 'records in windows cannot be put in other batches');
    }
    if (['join', 'map'].includes(command.name) && !before.has('batch'))
      throw textError(
        `${command.name} reads batches`,
        text,
        name,
        'put `batch 10s` or `batch --once` in front of it',
      );
  }
}

/** Windows on batch time that are not made of whole batches, seen before anything runs. */
function checkIntervals(text: string, stages: readonly PlannedStage[]): void {
  const batch = stages.find(({ command }) => command.name === 'batch');
  const interval = batch?.invocation.operands[0];
  if (interval === undefined) return;
  for (const { command, words, invocation } of stages) {
    if (command.name !== 'window') continue;
    const window = pointing(text, words, () =>
      planWindow(invocation.settings as WindowSettings, invocation.operands[0]),
    );
    const fault = window.by === 'batch' ? misfit(window.windowing, parseDuration(interval)) : undefined;
    if (!fault) continue;
    const typed = fault.name === 'size' ? invocation.operands[0] : `--${fault.name}`;
    const word = words.find((candidate) => candidate.text.split('=')[0] === typed) ?? words[0];
    throw textError(fault.problem, text, word, 'choose one that is, or change the interval of `batch`');
  }
}

/** What `work` throws about a stage, pointing at the word it speaks of. */
function pointing<Result>(text: string, words: StageWords, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SluiceError) || error.exit !== 'usage') throw error;
    throw textError(`${words[0].text}: ${error.message}`, text, culprit(words, error.message), error.hint);
  }
}
