import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { defaultPartSize } from '../envelope/parts.ts';
import { executorOptions } from '../executor/options.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { aggregateKinds } from './aggregates/registry.ts';

const reduceOptions = {
  by: {
    kind: 'field',
    many: true,
    placeholder: 'KEY,…',
    describe: 'one row for each value of these fields; NAME=FIELD gives the column another name',
  },
  words: { kind: 'flag', describe: 'split lines of text into words and count each' },
  fold: {
    kind: 'path',
    describe:
      'a JavaScript module with the functions init, add, merge and result, for what no aggregate computes; its column is called as the file',
  },
  running: { kind: 'flag', describe: 'totals since the start, written after each batch' },
  mode: {
    kind: 'text',
    placeholder: 'MODE',
    choices: ['append', 'update', 'complete'],
    describe:
      'rows written after a batch: of windows that closed (append, the default for windows), those that changed (update), all that are kept (complete, the default for --running)',
  },
  emit: {
    kind: 'text',
    placeholder: 'WHICH',
    choices: ['all', 'changed'],
    describe: 'with --running: all is --mode complete, changed is --mode update',
  },
  ttl: {
    kind: 'duration',
    describe: 'with --running: forget a key that has had no record for this long, in batch time',
  },
  initial: {
    kind: 'path',
    describe: 'with --running: begin with the rows in this file, NDJSON or CSV as a reduce wrote them',
  },
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
  partitions: {
    kind: 'count',
    describe:
      'divide the keys among so many pieces of work, each done by one worker: for what cannot be folded in parts (default: 8, for a fold without merge)',
  },
  salt: {
    kind: 'text',
    placeholder: 'auto|N|off',
    describe:
      'a key with more than its share of the records: split it into pieces of work that need not wait for the end of the batch (auto, the default where that can be done), among N partitions, or not at all',
  },
  ...executorOptions,
  workers: {
    ...executorOptions.workers,
    describe:
      'worker threads for large batches; 0 does all work in one (default: 1, and 0 where there are fewer than 4 processors; with partitions, one less than processors, and one more that takes the place of the main thread, which waits)',
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
      "what to compute, such as count, 'sum(bytes)' or 'errors=count(status>=500)'; none: merge rows that were reduced upstream",
    takes: 'many',
  },
  options: reduceOptions,
  description: [
    'Folds the records of each batch, or of each window that closes where **sluice window** is upstream, into one row for each key. Rows come sorted by key in byte order, so that the output never depends on chance. Without **--by** there is one row; of no record at all it is written where one of its columns says something, as a count does.',
    'A field is a member of a JSON object (`status`, or with dots a member of a member: `user.age`), or of a line of text its white-space column as awk counts them (`$1`, `$9`; `$0` is the whole line). A record without the field falls under the key null. Keys keep their type: 1 and "1" are two keys.',
    'A bare **sluice reduce** merges rows that were reduced upstream: counts and sums add up, of minima the smallest stays. A mean, a quantile or a number of distinct values cannot be merged from final values; reduce upstream with **--partial** then, and rows carry states instead.',
    'The aggregates:',
    aggregateKinds.map(({ usage, summary }) => `* \`${usage}\`: ${summary}`).join('\n'),
    'A column is called as it was typed, or NAME in `NAME=AGGREGATE`. Text where a number is needed is an error (see **--on-error**); a missing value, null, or the `-` of a log column is passed over.',
    'Behind `if` stands a condition, and only records that fit it are taken: `slow=count if ms>1000`, `avg(ms) if path~^/api/ && status<400`. `count(CONDITION)` is short for `count if CONDITION`. A condition is a field, one of `= != > >= < <=`, and a value; or `~` (`!~`: does not fit) and a regular expression. `&&` binds closer than `||`. A value that looks like a number is compared with numbers, and with text that looks like one; other text goes by its bytes. Put it between double quotes where it has blanks at its ends, is empty, or only looks like a number: `zip="01234"`. A missing value is null: `user!=null` has one, and nothing else is equal to it, larger or smaller. A record on which regular expressions take longer than 250 ms, or than **--task-timeout** where that is shorter, is one that cannot be used, see **--on-error**.',
    'Whatever the number of workers, and however the input is cut into parts, results are the same bytes. **first**, **last** and **collect** go by the order of the stream (where windows on event time slide, by time first, as far as edges of windows part it), and so do **top** and **mode** beyond the values that they count exactly; all others do not depend on the order, apart from the last digit of sums of fractions, which are compensated. Integers are exact to 2^53; a warning at the end names sums that passed it. What is larger than any double, such as 1e400, is infinite and written as `1e999`; so is a sum that is too large on the way, whatever comes after. Quantiles take the largest double for it.',
    'With **--running** totals go on from batch to batch, as with updateStateByKey and mapWithState of Spark. After each batch all of them are written, or with **--emit changed** those of keys that had records in it. **--ttl** *1h* forgets a key in the first batch that ends an hour or more after the end of the last one that had records of it; the key is not written once more, and the stage reports how many have `expired`. A record that comes later begins anew. **--initial** reads rows that a reduce wrote, with the same columns; other columns are passed over. CSV has no types: a cell that reads like a number is one, unless the key is a word or a column of text.',
    'With **--mode update** behind **sluice window**, the rows that changed are written after each batch, marked with their window, which comes again as long as it changes; **--mode complete** writes all rows of the windows that are not closed, and of those that close with this batch for the last time. Both write a row for each window that a record lies in. Such rows replace earlier ones, and a later **sluice reduce** refuses to add them up.',
    'Behind **sluice window --session**, each key has its own sessions: records whose ranges from their time to a gap later overlap. A session is one row, with its edges as the first two columns, `window_start` and `window_end`, in the order of end, start and key; it is written once the watermark has reached its end. Ranges that only touch are two sessions, unlike in Spark, where a record that comes just at the end of a session belongs to it or not depending on where batches are cut.',
    'A window that slides costs what enters and leaves it: counts and sums of integers are subtracted, other aggregates are kept for each key in two stacks. What is left is the writing of its rows, which **append** does for each window.',
    '**--fold** *FILE* names a module: `init()` makes the state of a key, `add(state, record)` takes a record in, `merge(state, other)` puts two states together and leaves *other* as it is, all three return a state; `result(state)` makes a value of it, or an object whose members become columns; `subtract(state, other)`, if there, undoes a merge. An error that `add` throws is that of a record, see **--on-error**. States have to be JSON for **--partial** only. Rows of a fold are merged downstream with the same **--fold**.',
    'A fold without `merge`, whose states may be anything, takes all records of a key one after another. Its batches are divided by key among **--partitions**, which worker threads fold at the same time; small ones are done in one. Where the module exports `combine(result, other)`, which puts two results together whatever their order, a key with more than its share of the records is split as **--salt** says, and the results of its shares, of some hundred to 16,384 records each, are combined; windows and totals need it, or a merge, as well. A batch is held as a whole meanwhile. **--partitions** divides in the same way what is folded record by record and has a merge, such as **collect**; counts, sums and quantiles of plain fields need none, for they are combined in each worker, whatever the skew. With **--max-keys** nothing is divided, since the keys that come first are kept. The report of the stage says how full the fullest partition is as a multiple of an even division (`imbalance`), what it would be without salt (`unsalted`), and which keys are `hot`.',
    'With **--max-keys** the memory of a batch or window is bounded. The keys that come first in the stream are kept, and the records of all others go under the row `_other`, which stands last; the header of its part says `overflow`, so that a later reduce does not take it for a key of that name. Panes of a window are bounded one by one, and then the window that they make, in order of time. Running totals keep the first keys since the start, and one that **--ttl** forgets makes room for another. Windows written with **--mode** update or complete are bounded each; what one batch brings them is held as a whole. Of sessions no row could stand for the others: where more than so many are open at a time, the stage stops.',
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
    {
      line: "… | sluice reduce count 'errors=count(status>=500)' 'p99(ms)' 'users=~distinct(user)' --by path | …",
      explains: 'requests, failed ones, slowest hundredth and number of users by path',
    },
    {
      line: "… | sluice reduce 'api=avg(ms) if path~^/api/' 'top(10, path)' 'rate(bytes)' | …",
      explains: 'mean time of one part of the site, its busiest paths, and bytes per second',
    },
    {
      line: '… | sluice batch 10s | sluice reduce count --by user --running --emit changed --ttl 1h | …',
      explains: 'requests of each user in one visit so far, of users that made some in these 10 seconds',
    },
    {
      line: '… | sluice window 1h | sluice reduce count --by path --mode update | …',
      explains: 'hourly counts as they grow',
    },
  ],
  make: async (settings, operands) => (await import('./stage.ts')).reduceStage(settings, operands),
});
