import { defineTool, type OptionTable, type Settings } from '../command/command.ts';
import { emitOptions } from '../emit/command.ts';
import { executorOptions } from '../executor/options.ts';

const fileOption = {
  file: {
    kind: 'path',
    alias: 'f',
    describe: 'read the pipeline from this file; one stage a line is fine, and # begins a comment',
  },
} as const satisfies OptionTable;

export const runOptions = {
  ...fileOption,
  ...executorOptions,
  workers: {
    ...executorOptions.workers,
    describe:
      'threads that do the work, the main one included; 0 and 1 do all of it in one (default: one for each processor)',
  },
  // As of the emit that shows what the pipeline does: so they can be said without touching its text.
  http: emitOptions.http,
  metrics: emitOptions.metrics,
} as const satisfies OptionTable;

export const explainOptions = {
  ...runOptions,
  json: { kind: 'flag', describe: 'print the plan as JSON' },
} as const satisfies OptionTable;

export type RunSettings = Settings<typeof runOptions>;
export type ExplainSettings = Settings<typeof explainOptions>;

const pipelineArgument = {
  name: 'PIPELINE',
  describe: "stages with their options, as in a shell, in quotes: 'ingest a.log | batch --once | …'",
  takes: 'optional',
} as const;

export const runCommand = defineTool({
  name: 'run',
  summary: 'run a whole pipeline in one process',
  argument: pipelineArgument,
  options: runOptions,
  description: [
    'Runs the stages of a pipeline in one process, without JSON between them, and prints what the same line in a shell would print, byte for byte. It begins with **sluice ingest**; files of envelopes are read by a stage behind that, as in `union - b.env`. The whole pipeline is checked before the first byte is read.',
    'The pipeline is written as in a shell: stages separated by `|`, words by white space, with \'…\', "…" and \\\\ to quote. The word `sluice` in front of a stage is passed over, so that a line can be pasted as it is. In a file, a line may end anywhere between two words, and # begins a comment.',
    'Several pipelines are separated by `;`, each of them a line that also works in a shell. Stages that they begin with in common, with the same settings and operands, are run once, and each pipeline gets what comes out of them: all see the same batches. The slowest sink holds all back, once as much waits for it as a pipe has room for. Nothing is read while a stage computes: where that takes longer than an interval, as a function for each record may, what comes meanwhile is in a later batch than in a shell, whose stages are processes of their own. Of all pipelines one may write to standard output.',
    'A job that keeps state is the same in a shell and here: **ingest --state** DIR, or SLUICE_STATE. Pipelines that begin in common are one job, which commits what all their sinks have; others need a folder each. With state files are read from where the last run left off, by the stages one after the other and not in pieces by several threads.',
    '**--http** and **--metrics** are those of **sluice emit**, for the `emit` that writes to standard output, or else the first.',
    'A pipeline that fails, or whose reader has gone away, does not stop the others; the exit status is the highest of all. What fails in the stages that they share fails for all.',
  ],
  examples: [
    {
      line: "sluice run 'ingest access.log | batch --once | reduce count --by status=$9 | emit'",
      explains: 'requests by status, in one process',
    },
    { line: 'sluice run --file words.sluice', explains: 'the same from a file' },
    {
      line: "sluice run 'ingest app.log | batch --once | reduce --words | emit words.csv ; ingest app.log | batch --once | reduce count | emit'",
      explains: 'two reports; the log is read once',
    },
  ],
  run: async (settings, operands) => (await import('./run.ts')).runPipeline(settings, operands),
});

export const explainCommand = defineTool({
  name: 'explain',
  summary: 'show how a pipeline would be run',
  argument: pipelineArgument,
  options: explainOptions,
  description: [
    'Checks a pipeline as **sluice run** does and prints the plan, as written and as it would be run. Nothing is read.',
    'Stages stand below one another, in the order that data flows through them; pipelines that begin in common branch off where they differ. What is run may be less than what was written: whole files in one batch, reduced by keys and sums that the kernel can find in bytes or in what a format makes of them (all but csv, tsv and auto), are a **scan**: worker threads read ranges of the files, look at nothing but the fields that are asked for, and fill a table for each reduction.',
    'With **--json** the plan is data: nodes with `id` and `inputs`, the ids of those whose output they take, the settings of each with defaults filled in.',
  ],
  examples: [
    {
      line: "sluice explain 'ingest app.log | batch --once | reduce --words | emit'",
      explains: 'what run would do',
    },
  ],
  run: async (settings, operands) => (await import('./run.ts')).explainPipeline(settings, operands),
});
