import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { defaultPartSize } from '../envelope/parts.ts';
import { executorOptions } from '../executor/options.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { aggregates } from './aggregates/registry.ts';
import { reduceStage } from './stage.ts';

const reduceOptions = {
  by: {
    kind: 'field',
    many: true,
    placeholder: 'KEY,…',
    describe: 'one row for each value of these fields; NAME=FIELD gives the column another name',
  },
  words: { kind: 'flag', describe: 'split lines of text into words and count each' },
  partial: {
    kind: 'flag',
    describe: 'write states that can be merged later instead of final values; a later reduce reads them',
  },
  'part-size': {
    kind: 'size',
    default: `${defaultPartSize / 1024 ** 2}MiB`,
    describe: 'rows leave in parts of about this many bytes',
  },
  'max-keys': {
    kind: 'count',
    describe:
      'keep the first so many keys of a batch or window apart and fold all others into one row, _other (default: no bound)',
  },
  ...executorOptions,
  workers: {
    ...executorOptions.workers,
    describe:
      'worker threads for large batches; 0 does all work in one (default: 1, and 0 where there are fewer than 4 processors)',
  },
  ...rejectOptions,
} as const satisfies OptionTable;

export type ReduceSettings = Settings<typeof reduceOptions>;

export const reduceCommand = defineStage({
  name: 'reduce',
  summary: 'fold records into one row a key, per batch or per closed window',
  role: 'filter',
  flow: 'records → rows',
  argument: {
    name: 'AGGREGATE',
    describe:
      "what to compute, such as count, 'sum(bytes)' or 'errors=count'; none: merge rows that were reduced upstream",
    takes: 'many',
  },
  options: reduceOptions,
  description: [
    'Folds the records of each batch, or of each window that closes where **sluice window** is upstream, into one row for each key. Rows come sorted by key in byte order, so that the output never depends on chance. Without **--by** there is one row.',
    'A field is a member of a JSON object (`status`, or with dots a member of a member: `user.age`), or of a line of text its white-space column as awk counts them (`$1`, `$9`; `$0` is the whole line). A record without the field falls under the key null. Keys keep their type: 1 and "1" are two keys.',
    'A bare **sluice reduce** merges rows that were reduced upstream: counts and sums add up, of minima the smallest stays. A mean cannot be merged from its final value; reduce upstream with **--partial** then.',
    `The aggregates are: ${aggregates.map(({ name, argument, summary }) => `**${name}**${argument === 'none' ? '' : '(FIELD)'}, ${summary}`).join('; ')}. Text where a number is needed is an error (see **--on-error**); a missing value, null, or the \`-\` of a log column is passed over.`,
    'With **--max-keys** the memory of a batch or window is bounded. The keys that come first in the stream are kept, and the records of all others go under the row `_other`, which stands last; the header of its part says `overflow`, so that a later reduce does not take it for a key of that name. Panes of a window are bounded one by one, and then the window that they make, in order of time.',
    'Where words are counted, or plain fields are added up, parts of large batches are folded in worker threads. The rows are the same for any number of **--workers**. A worker that fails, dies or takes longer than **--task-timeout** costs its task a second try; if that fails as well, **--on-error** says what becomes of its records.',
    'Words are separated by ASCII white space; other characters, such as the no-break space, are part of a word.',
  ],
  examples: [
    { line: '… | sluice batch 10s | sluice reduce --words | …', explains: 'count words, per batch' },
    {
      line: "… | sluice reduce count 'sum(bytes)' --by status | …",
      explains: 'requests and bytes by status',
    },
    {
      line: "… | sluice reduce count 'sum($10)' --by 'status=$9' | …",
      explains: 'the same from the columns of an access log',
    },
  ],
  make: async (settings, operands) => reduceStage(settings, operands),
});
