import { rowFormatNames, rowFormats } from './formats/registry.ts';
import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { kafkaOptions } from '../kafka/options.ts';
import { sinkKinds } from './sinks/registry.ts';

const endings = Object.values(rowFormats)
  .flatMap((format) => format.endings)
  .join(', ');

const emitOptions = {
  format: {
    kind: 'text',
    placeholder: 'NAME',
    choices: rowFormatNames,
    describe:
      "how rows are written (default: as a file's ending says, elsewhere a table, which is redrawn in place on a terminal)",
  },
  table: {
    kind: 'text',
    placeholder: 'NAME',
    describe:
      'the table of a database that rows are added to (default: the name of the file, without its ending)',
  },
  sort: {
    kind: 'field',
    describe: 'order the rows of each batch or window by this column: numbers from the largest, text from A',
  },
  reverse: { kind: 'flag', describe: 'turn the order of --sort around' },
  top: { kind: 'count', describe: 'only the first N rows of each batch or window' },
  key: {
    kind: 'field',
    describe: 'Kafka: the column whose value is the key of a record, by which its partition is chosen',
  },
  transactional: {
    kind: 'flag',
    describe:
      'Kafka, in a job that keeps state: rows of a commit can be seen together, and each once, whatever is killed and when',
  },
  compression: {
    kind: 'text',
    placeholder: 'NAME',
    choices: ['none', 'gzip', 'deflate'],
    default: 'none',
    describe: 'how records are packed: gzip for Kafka, deflate for Flume',
  },
  patience: {
    kind: 'duration',
    default: '1m',
    describe: 'Kafka, Flume: how long to go on trying while nobody answers',
  },
  ...kafkaOptions,
  color: {
    kind: 'text',
    placeholder: 'WHEN',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    describe: 'colours; auto means on a terminal, and NO_COLOR is heeded',
  },
} as const satisfies OptionTable;

export type EmitSettings = Settings<typeof emitOptions>;

export const emitCommand = defineStage({
  name: 'emit',
  summary:
    'show rows as a table, write them as NDJSON, CSV or TSV, or hand them on to a database, a topic or Flume',
  role: 'sink',
  flow: 'rows → you',
  argument: {
    name: 'SINK',
    describe: `where rows go: ${sinkKinds.map(({ name, summary }) => `${name} is ${summary}`).join('; ')}`,
    takes: 'optional',
  },
  options: emitOptions,
  description: [
    'Writes the rows of each batch, or of each window, to standard output, to a file or to a database. On a terminal the newest table is redrawn in place, cut to the screen, with a line below it on what the whole pipeline does. Into a file or a pipe, tables follow one another, and where standard error is a terminal that line is shown there.',
    'Rows of windows get two more columns, `window_start` and `window_end`, in NDJSON, CSV, TSV and databases; a table of text has them in its heading. Times are RFC 3339 in UTC. Records that were windowed but not reduced are written for each window they belong to.',
    `The formats are: ${Object.entries(rowFormats)
      .map(([name, { summary }]) => `**${name}**, ${summary}`)
      .join('; ')}. A row with a column that a heading written earlier lacks is an error.`,
    `The format of a file follows from its ending (${endings}), or is given. A file is written beside its place as \`.NAME.PID.part\`, brought to the disk and renamed when the stream has ended well, after Ctrl-C too; so nobody ever reads half of it, and an existing file stays as it was until then, and for good where the stream fails. Its mode is kept, and links are followed. To see the rows of an endless stream as they come, redirect standard output instead: \`emit --format csv > rows.csv\`. A device or a named pipe is written to directly.`,
    'A table of a database is made of the first rows, up to 500 of the first part: all columns that they have, as INTEGER, REAL or TEXT. Lists and objects are kept as JSON text, true and false as 1 and 0, integers beyond 2^53 exactly. A table that is there is added to. A row that has a column which the table lacks, or a value which a column cannot hold, is an error that names the column. The rows of each batch, or each window, are there together or not at all. In a job that keeps state they are committed together with the number of the batch, which stands in the table `_sluice`: each batch is in the database once, whatever is killed and when; until they are committed, mostly within 100 ms, other writers wait. Where another process has the database locked for 5 s, emit gives up with exit status 75. A new database is in WAL mode.',
    'In a topic of Kafka each row is a record: JSON, with the edges of its window, or, for a row that is text, that text. Rows with the same **--key** go to the same partition, the one that other clients choose for it too. The rows of a batch, or a window, are with all replicas that keep up when the next one begins. Without **--transactional** a row may be there twice after a crash (at least once), while trying again after a lost answer never doubles one. With it, in a job that keeps state, the rows since the last commit are one transaction, which a reader of committed records (`isolation.level=read_committed`, as **sluice ingest** is) sees as a whole or not at all; up to which batch that is stands in the same transaction, as the offset of a group named `sluice-…`. A transaction that a crash left open holds such readers up until the line is run again, for 15 minutes at most; and a line that crashed should be run again before the brokers forget that offset, which they do after a week (`offsets.retention.minutes`).',
    'To **flume://HOST:4141**, an Avro source of a Flume agent, each row goes as an event without headers, whose body is JSON, or, for a row that is text, that text; 100 at a time, as an Avro sink does it. The rows of a batch, or a window, are with the agent when the next one begins, and in a job that keeps state before they are committed. What it did not answer with OK is sent again for **--patience**: at least once.',
    'In a job that keeps state a FILE is not replaced but grows: each batch is added once, also after a crash, and what a crash left of a batch that was not committed is cut off by the next run. The first run begins it anew. Several batches are committed at once under load, at most ten times a second. Standard output and named pipes cannot be taken back: they may get the batches since the last commit twice.',
    'Control characters of the data are shown as escapes in tables, and in all formats on a terminal, which they never reach.',
  ],
  examples: [
    {
      line: '… | sluice reduce --words | sluice emit --sort count --top 10',
      explains: 'the ten most frequent words',
    },
    {
      line: '… | sluice reduce count --by status | sluice emit report.csv',
      explains: 'a report to keep: replaced when the new one is complete',
    },
    {
      line: '… | sluice reduce count --by status | sluice emit sqlite:report.db --table status',
      explains: 'rows in a database, to be asked with SQL',
    },
    {
      line: '… | sluice reduce count --by status | sluice emit kafka://127.0.0.1:9092/statuses --key status',
      explains: 'rows in a topic, those of one status in one partition',
    },
    {
      line: '… | sluice reduce count --by status | sluice emit flume://127.0.0.1:4141',
      explains: 'rows to a Flume agent',
    },
  ],
  make: async (settings, operands) => (await import('./stage.ts')).emitStage(settings, operands),
});
