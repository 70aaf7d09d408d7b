import { defineTool, type OptionTable, type Settings } from '../command/command.ts';

const fileOption = {
  file: {
    kind: 'path',
    alias: 'f',
    describe: 'read the pipeline from this file; one stage a line is fine, and # begins a comment',
  },
} as const satisfies OptionTable;

const executorOptions = {
  workers: {
    kind: 'limit',
    describe:
      'threads that do the work, the main one included; 0 and 1 do all of it in one (default: one for each processor)',
  },
  'task-timeout': {
    kind: 'duration',
    default: '1m',
    describe: 'a piece of work that takes longer is given to another worker, once',
  },
} as const satisfies OptionTable;

export const runOptions = {
  ...fileOption,
  ...executorOptions,
} as const satisfies OptionTable;

export const explainOptions = {
  ...fileOption,
  ...executorOptions,
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
    'Runs the stages of a pipeline in one process, without JSON between them, and prints what the same line in a shell would print, byte for byte. The whole pipeline is checked before the first byte is read.',
    'The pipeline is written as in a shell: stages separated by `|`, words by white space, with \'…\', "…" and \\\\ to quote. The word `sluice` in front of a stage is passed over, so that a line can be pasted as it is. In a file, a line may end anywhere between two words, and # begins a comment.',
  ],
  examples: [
    {
      line: "sluice run 'ingest access.log | batch --once | reduce count --by status=$9 | emit'",
      explains: 'requests by status, in one process',
    },
    { line: 'sluice run --file words.sluice', explains: 'the same from a file' },
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
  ],
  examples: [
    {
      line: "sluice explain 'ingest app.log | batch --once | reduce --words | emit'",
      explains: 'what run would do',
    },
  ],
  run: async (settings, operands) => (await import('./run.ts')).explainPipeline(settings, operands),
});
