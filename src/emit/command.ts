import { jsonList, parquet, rowFormatNames, rowFormats } from './formats/registry.ts';
import { defineStage, type OptionSpec, type OptionTable, type Settings } from '../command/command.ts';
import { kafkaOptions } from '../kafka/options.ts';
import { passwordOptions } from './sinks/postgres/options.ts';
import { sinkKinds } from './sinks/registry.ts';

const endings = Object.values(rowFormats)
  .flatMap((format) => format.endings)
  .join(', ');

export const emitOptions = {
  format: {
    kind: 'text',
    placeholder: 'NAME',
    choices: [...rowFormatNames, parquet, jsonList],
    describe:
      "how rows are written (default: as a file's ending says, elsewhere a table, which is redrawn in place on a terminal)",
  },
  table: {
    kind: 'text',
    placeholder: 'NAME',
    describe:
      'the table of a database that rows are added to (default: the name of the file, without its ending)',
  },
  mode: {
    kind: 'text',
    placeholder: 'MODE',
    choices: ['append', 'upsert', 'replace'],
    default: 'append',
    describe:
      'databases: what becomes of rows that are in the table: append leaves them; upsert replaces those with the same --key; replace removes all of them, for each batch or window anew',
  },
  'csv-safe': {
    kind: 'flag',
    describe:
      'CSV and TSV: put an apostrophe in front of text that a spreadsheet would take for a formula, such as `=1+1`',
  },
  'rotate-size': {
    kind: 'size',
    describe: 'files: begin another one, with a number in its name, once one has so many bytes',
  },
  'rotate-age': {
    kind: 'duration',
    describe: 'files: begin another one, with a number in its name, once one is so old and a batch comes',
  },
  through: {
    kind: 'flag',
    describe: 'hand on what comes in, as it came, on standard output: for further stages',
  },
  sort: {
    kind: 'field',
    describe: 'order the rows of each batch or window by this column: numbers from the largest, text from A',
  },
  reverse: { kind: 'flag', describe: 'turn the order of --sort around' },
  top: { kind: 'count', describe: 'only the first N rows of each batch or window' },
  key: {
    kind: 'field',
    many: true,
    placeholder: 'COLUMN,…',
    describe:
      'databases, with --mode upsert: the columns by which rows are told apart; Kafka: the column whose value is the key of a record, by which its partition is chosen',
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
    describe:
      'how long to go on trying while no broker of Kafka, no Flume agent or no PostgreSQL answers (default: 1m), or while a SQLite database is locked (default: 5s)',
  },
  ...kafkaOptions,
  ...passwordOptions,
  chart: {
    kind: 'text',
    placeholder: 'NAME',
    choices: ['bar', 'line', 'heatmap', 'none'],
    describe: 'on a terminal: how rows are drawn beside the table, over the last windows (default: bar)',
  },
  http: {
    kind: 'text',
    placeholder: 'HOST:PORT',
    describe: 'a page for browsers at http://HOST:PORT, with the rows as they come and what all stages do',
  },
  metrics: {
    kind: 'text',
    placeholder: 'HOST:PORT',
    describe: 'what all stages do, for Prometheus, at http://HOST:PORT/metrics',
  },
  'progress-json': {
    kind: 'path',
    describe: "add a line for each batch to FILE: JSON with the fields of Spark's StreamingQueryProgress",
  },
  'token-file': {
    kind: 'path',
    describe: 'web servers: a file whose first line is the bearer token (default: $SLUICE_HTTP_TOKEN)',
  },
  color: {
    kind: 'text',
    placeholder: 'WHEN',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    describe: 'colours; auto means on a terminal, and NO_COLOR is heeded',
  },
} as const satisfies OptionTable;

/** Settings of options that were not given. */
export const emitDefaults: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries<OptionSpec>(emitOptions).map(([name, option]) => [name, defaultOf(option)]),
);

function defaultOf(option: OptionSpec): unknown {
  if (option.kind === 'flag') return false;
  return option.many ? [] : option.default;
}

export type EmitSettings = Settings<typeof emitOptions>;

export const emitCommand = defineStage({
  name: 'emit',
  summary:
    'show rows as a table, write them to files, or add them to a database, a topic, a Flume agent, a command or a web server',
  role: 'sink',
  flow: 'rows → you',
  argument: {
    name: 'SINK',
    describe: `where rows go: ${sinkKinds.map(({ name, summary }) => `${name} is ${summary}`).join('; ')}`,
    takes: 'many',
  },
  options: emitOptions,
  description: [
    'Writes the rows of each batch, or of each window, to standard output, or to where SINK says. On a terminal the newest table is redrawn in place, cut to the screen, with a line below it on what the whole pipeline does. Into a file or a pipe, tables follow one another, and where standard error is a terminal that line is shown there.',
    '**The live screen.** Beside each row stand a bar and how its value went over the last tables; **--chart line** draws the first rows as lines above the table, **--chart heatmap** has a shade for each of the last tables. What is drawn is the column of **--sort**, or the first number that is no key. Texts that are too long for the screen are cut within, at a `…`; numbers are not. Keys: **s** sorts by the next column, **r** turns the order around, **/** shows only rows with a text (Enter keeps it, Escape takes it away), **space** pauses what is shown while the stream goes on, **c** changes the chart, **q** ends the pipeline as Ctrl-C does. Keys are read from the terminal once the first batch has come; not in the background, and not where **sluice ingest** reads what is typed there.',
    '**The line on the pipeline** tells the newest batch, how many records were read and how many a second lately, how far a finite input is and how long the rest will take, processing time beside the interval, scheduling delay, watermark lag, the busiest stage, and records that were rejected, late and so on. A batch is due at the end of its interval; *scheduling delay* is how long the sink was still busy with the batch before, *processing time* the rest until its rows are written, *total delay* both. Where the total delay rises and rises beyond an interval, that is said on standard error.',
    '**--http** serves a page for browsers while the stream goes on: its rows as a table and as lines, delays, batches with their offsets, stages with the times of their tasks. It is one file that loads nothing from elsewhere. Where the address is one of this machine alone, as without HOST, it is answered under no other name; whoever names another address, such as 0.0.0.0:8080, shows rows to all who reach it. **--metrics** serves what is known of all stages to Prometheus; both may share an address. **--progress-json** adds a line for each batch to a file, with the field names of StreamingQueryProgress of Spark, and `schedulingDelayMs` and `stages` besides.',
    'Rows of windows get two more columns, `window_start` and `window_end`, in NDJSON, CSV, TSV and databases; a table of text has them in its heading. Times are RFC 3339 in UTC. Records that were windowed but not reduced are written for each window they belong to.',
    `The formats are: ${Object.entries(rowFormats)
      .map(([name, { summary }]) => `**${name}**, ${summary}`)
      .join(
        '; ',
      )}. A row with a column that a heading written earlier lacks is an error. Where rows have columns, in all formats but NDJSON and in databases, integers are exact in any size, and other numbers are doubles: 17 digits are kept, and what is beyond 1.8e308 counts as infinite (\`1e999\`).`,
    `The format of a file follows from its ending (${endings}, .parquet), or is given. A file is written beside its place as \`.NAME.PID.part\`, brought to the disk and renamed when the stream has ended well, after Ctrl-C too; so nobody ever reads half of it, and an existing file stays as it was until then, and for good where the stream fails. Its mode is kept, and links are followed. To see the rows of an endless stream as they come, redirect standard output instead: \`emit --format csv > rows.csv\`. A device or a named pipe is written to directly.`,
    'A table of a database is made of the first rows, those of about 48 KiB: all columns that they have, as INTEGER, REAL or TEXT in SQLite, as numeric, bigint, boolean, text or jsonb in PostgreSQL, where the edges of windows are timestamptz. A column of numbers that begins with whole ones may go on with fractions: SQLite keeps both in an INTEGER column, and in PostgreSQL each is numeric but those that count (`count`, `distinct(…)`), which are bigint. Who wants double precision makes the table beforehand. In SQLite lists and objects are kept as JSON text, true and false as 1 and 0. Integers beyond 2^53 are kept exactly, and never rounded. A table that is there is matched by the names of its columns; columns that rows never have are left to their defaults, and what a row lacks of the others is NULL. A row that has a column which the table lacks, or a value which a column cannot hold, is an error that names the column. The rows of each batch, or each window, are there together or not at all. In a job that keeps state they are committed together with the number of the batch, which stands in the table `_sluice` beside the other one: each batch is in the database once, whatever is killed and when.',
    'With **--mode upsert** a row takes the place of the one with the same **--key**, as far as the columns go that rows have; of several rows with one key the last counts, and keys are what the column makes of them: in one of text 1 and `"1"` are the same. The table has to be unique by just these columns; one that is made has them as its primary key. With **--mode replace** the rows of each batch, or window, take the place of all rows of the table, in one transaction, so that it shows the newest: what is meant for **sluice reduce --running**, or a dashboard.',
    'A SQLite database is written to by one process at a time: until rows are committed, mostly within 100 ms, other writers wait. Where another process has it locked for longer than **--patience** (5 s), emit gives up with exit status 75. A new database is in WAL mode.',
    'PostgreSQL (12 or later) is reached as psql does it: what the address leaves out is taken from `PGHOST`, `PGPORT`, `PGUSER` and `PGDATABASE`; `?host=/run/postgresql` names the folder of a socket, `?sslmode=require|verify-full` and `&sslrootcert=FILE` ask for TLS. A password comes from **--password-file**, from `PGPASSWORD`, or from `PGPASSFILE` or `~/.pgpass`; one in the address is refused. **--table** `reports.status` names a schema too. Rows go over by COPY, for **--mode upsert** into a temporary table from which they are merged. A transaction is held, up to 64 MiB, until it is committed: where the server goes away, or undoes it because of a deadlock or since it cannot be serialized, it is done again, for as long as **--patience** (1m) allows, on a new connection; where the answer to a commit is lost, the server is asked what became of it (`txid_status`). A larger transaction ends emit where the connection is lost; smaller batches, or a job that keeps state, help. A row, or a table, that another transaction holds is waited for as long.',
    'In a topic of Kafka each row is a record: JSON, with the edges of its window, or, for a row that is text, that text. Rows with the same **--key** go to the same partition, the one that other clients choose for it too. The rows of a batch, or a window, are with all replicas that keep up when the next one begins. Without **--transactional** a row may be there twice after a crash (at least once), while trying again after a lost answer never doubles one. With it, in a job that keeps state, the rows since the last commit are one transaction, which a reader of committed records (`isolation.level=read_committed`, as **sluice ingest** is) sees as a whole or not at all; up to which batch that is stands in the same transaction, as the offset of a group named `sluice-…`. A transaction that a crash left open holds such readers up until the line is run again, for 15 minutes at most; and a line that crashed should be run again before the brokers forget that offset, which they do after a week (`offsets.retention.minutes`).',
    'To **flume://HOST:4141**, an Avro source of a Flume agent, each row goes as an event without headers, whose body is JSON, or, for a row that is text, that text; 100 at a time, as an Avro sink does it. The rows of a batch, or a window, are with the agent when the next one begins, and in a job that keeps state before they are committed. What it did not answer with OK is sent again for **--patience**: at least once.',
    'A name behind `file:` may have parts in braces: `file:out/{date}/{status}.ndjson`. `{date}`, `{hour}` and `{minute}` are those of the window, or of the batch, in UTC; `{date:at}` is that of the column `at`; any other name is a column. Folders are made. What a value has in it stays within its part of the name: `/`, controls, spaces and the like are written as `%2F`, as is a dot in front; null is `_null`, empty text `_empty`, and a name of more than 180 bytes is cut and gets a digest. A name that ends with `.gz`, or `.zst` (Node 22.15 or later), is packed; `.parquet` has columns of types that the first rows settle, in row groups: numbers are DOUBLE, INT64 where they count or are integers beyond 2^53. **--rotate-size** and **--rotate-age** begin another file once one is full: `404-0001.ndjson`, `404-0002.ndjson`, …, numbers that rise from run to run and never replace a file. All these are written as a FILE is, whole or not at all; those that are full are there at once. No more than 16 MiB of rows are held, and no file stays open, however many there are. In a job that keeps state they grow, also those that were there before; how long each was at the last commit is written down before it grows, in `.sluice-JOB.undo` in the folder in front of the braces, so that the next run takes back what a crash left. Parquet cannot grow.',
    'Where CSV or TSV is meant for a spreadsheet, **--csv-safe** puts an apostrophe in front of text that it would take for a formula: what begins with `=`, `+`, `-`, `@`, a tab or a carriage return and is no number.',
    '`exec:COMMAND` is run by the shell and gets the rows on its standard input, as NDJSON or in the **--format** that is given. Its exit status counts: where it fails, so does emit, with exit status 74. A command that ends well before the rows do, as `head` does, has had enough. Where the stream fails it is ended by SIGTERM, so that half of the rows are not taken for all of them.',
    'An address with `http://` or `https://` gets a POST for each batch, or window, that has rows; of more than 4 MiB, several. The body is NDJSON, or with **--format json** one list. `Idempotency-Key` is made of the job, or else the run, and the number of the batch: what is sent again, by a later run too, has the same. A bearer token comes from **--token-file** or `SLUICE_HTTP_TOKEN`. Where there is no answer within 30 s, or one of 408, 425, 429 or 500 and above, it is tried again, when `Retry-After` says or after longer and longer pauses, for as long as **--patience** (1m) allows. Any other answer that is not a success is an error: 401 and 403 end with exit status 77, redirects are not followed.',
    'Several SINKs have the same rows, and each has the options that are for it. One that fails ends all. **--through** hands on what comes in, as it came, so that stages can follow behind emit; in a job that keeps state only the last stage commits, so there let the pipeline part under **sluice run**.',
    'In a job that keeps state a FILE is not replaced but grows: each batch is added once, also after a crash, and what a crash left of a batch that was not committed is cut off by the next run. The first run begins it anew. Several batches are committed at once under load, at most ten times a second. Standard output, named pipes and commands cannot be taken back: they may get the batches since the last commit twice, and so may a web server that does not heed `Idempotency-Key`.',
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
      line: '… | sluice reduce count --by status | sluice emit --sort count --http :8080',
      explains: 'the same rows on the terminal and in a browser, at http://127.0.0.1:8080',
    },
    {
      line: '… | sluice reduce count --by status | sluice emit statuses.csv --metrics :9464',
      explains: 'what all stages do, for Prometheus, at http://127.0.0.1:9464/metrics',
    },
    {
      line: '… | sluice reduce count --by status --running | sluice emit postgres://me@db/shop --table status --mode upsert --key status',
      explains: 'running totals in PostgreSQL, a row for each status',
    },
    {
      line: "… | sluice emit 'file:out/{date}/{status}.ndjson.gz' --rotate-size 100M",
      explains: 'an archive by day and status, in packed files of about 100 MB',
    },
    {
      line: "… | sluice reduce count --by status | sluice emit - report.csv exec:'mail -s report me'",
      explains: 'rows to be seen, to be kept and to be sent',
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
