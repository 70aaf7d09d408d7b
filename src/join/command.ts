import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { defaultPartSize } from '../envelope/parts.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { eventTimeOptions } from '../time/options.ts';
import { makeJoin } from './make.ts';

const joinOptions = {
  with: {
    kind: 'path',
    placeholder: 'STREAM',
    describe:
      'in place of a table, the right stream: a file or a named pipe of envelopes, such as <(sluice ingest …)',
  },
  on: {
    kind: 'field',
    many: true,
    placeholder: 'KEY,…',
    describe:
      'records with equal values of these fields are partners; user=id where `user` is called `id` on the other side',
  },
  'with-on': {
    kind: 'field',
    many: true,
    placeholder: 'KEY,…',
    describe: 'what the fields of --on are called on the other side, where that is different',
  },
  within: { kind: 'duration', describe: 'partners are at most this far apart in time' },
  ...eventTimeOptions,
  'with-time': { kind: 'field', describe: 'that field in the right stream, where it is different' },
  'with-time-format': {
    kind: 'text',
    placeholder: 'FORMAT',
    describe: 'how they are written in the right stream, where that is different',
  },
  type: {
    kind: 'text',
    placeholder: 'TYPE',
    default: 'inner',
    choices: ['inner', 'left', 'right', 'full', 'semi', 'anti'],
    describe:
      'which records without a partner come as well: none, those of the left stream, of the right, of both; with a table also semi, records that have a partner, and anti, those that have none, as they are',
  },
  format: {
    kind: 'text',
    placeholder: 'NAME',
    choices: ['csv', 'csv:', 'tsv', 'json'],
    describe: 'what a table in a file is, where its ending (.csv, .tsv, .ndjson, .jsonl, .json) does not say',
  },
  types: {
    kind: 'text',
    placeholder: 'NAME=TYPE,…',
    describe:
      'what columns of csv and tsv are, number or text: id=text (default: what comes back the same as a number is one)',
  },
  table: {
    kind: 'text',
    placeholder: 'NAME',
    describe: 'the table of a database that is read (default: the name of the file, without its ending)',
  },
  query: {
    kind: 'text',
    placeholder: 'SELECT',
    describe: 'the query of a database whose rows are the table',
  },
  reload: {
    kind: 'flag',
    describe: 'read the table again, for the batch that begins next, when it has changed',
  },
  'max-table': {
    kind: 'size',
    default: '256MiB',
    describe: 'refuse a table that takes more memory than this',
  },
  lateness: {
    kind: 'delay',
    default: '0s',
    describe: 'wait for records that come so much after newer ones of their stream',
  },
  'idle-timeout': {
    kind: 'duration',
    describe: 'where a stream has brought no record for so long, its time goes on with the clock',
  },
  prefix: {
    kind: 'text',
    default: 'right_',
    describe: "in front of the names of the table’s, or the right record’s, fields; '' for nothing",
  },
  'max-held': {
    kind: 'count',
    default: '1000000',
    describe: 'stop when more records than this wait for a partner',
  },
  'part-size': {
    kind: 'size',
    default: `${defaultPartSize / 1024 ** 2}MiB`,
    describe: 'joined records leave in parts of about this many bytes',
  },
  ...rejectOptions,
} as const satisfies OptionTable;

export type JoinSettings = Settings<typeof joinOptions>;

export const joinCommand = defineStage({
  name: 'join',
  summary: 'put records together with those of a table, or of another stream, that have a key in common',
  role: 'filter',
  flow: 'batches → joined batches',
  argument: {
    name: 'TABLE',
    describe:
      'a file with a heading (csv, tsv) or of JSON lines (ndjson), packed with gzip or not, or sqlite:FILE, also what ends with .db, .sqlite or .sqlite3',
    takes: 'optional',
  },
  options: joinOptions,
  description: [
    'With a **TABLE** each record of the stream is put together with each row of the table that has an equal key: a broadcast join. The table is read into memory when the stream begins, once for all stages of a process. With **--with** the other side is a stream too, and partners are close to each other in time; that is described further below. A joined record has the record’s own members, as they were written, then those of the row, with **--prefix** in front of their names and without the key, which is there once. A record that has a name in common with one of its partners cannot be used, see **--on-error**; another prefix tells the two apart. A key is equal where its value and its type are: 1 is 1.0 and not "1", and a missing or null key equals nothing. Rows of one key come in the order of the table. Records stay in their batch, window and order, and are changed one by one: such a join stands anywhere between **sluice batch** and **sluice emit**, also behind **sluice reduce**, whose rows are records.',
    'A TABLE is a file, packed with gzip or not, whose ending says what it is, or **--format** does: `.csv` and `.tsv` with a heading (`--format "csv:;"` where semicolons part the values), `.ndjson`, `.jsonl` or `.json` with an object a line. Values of csv and tsv are read as **sluice ingest** reads them: what comes back the same as a number is one. Where the stream has ids as text, `--types id=text` makes them text here, too. Where no record had a partner, and it is their type or that records have no such field, a line at the end says so. **sqlite:FILE**, or what ends with `.db`, `.sqlite` or `.sqlite3`, is a database, of which **--table** or the rows of **--query** are the table: `join sqlite:shop.db --query "SELECT id, name FROM users WHERE active" --on user=id`. A line that is no row, or a column that holds bytes, ends the stage: a table is taken whole or not at all. A table that takes more memory than **--max-table** is refused with its size; a row takes what its members take as JSON, the key and some 25 bytes.',
    'With **--reload** it is looked at the table when a batch begins: where it has changed, the batch is the first to be joined with the new one. A file that was written to within the last second is left alone until it has been quiet for so long, and one that changes while it is read is read again; still, write a table under another name and move it to its place: nobody can tell that a writer only pauses. What cannot be taken, because a line is damaged, the last line has no end, nothing is in it or it is gone, leaves the table of before in place, and a line on standard error says so, once. While it is read again there are two of it in memory. Of a database what was committed is seen, at any time.',
    'In a job that keeps state the table is no part of the state: batches that are made once more after a crash are joined with the table as it is then. Where that has to be the same, keep the table as it is until the job has ended, or write what changes into a stream and join that.',
    'With **--with** it joins the stream from standard input, the left one, with the stream **--with**, the right one. Each record of the one is put together with each record of the other that has equal keys and a time at most **--within** apart. A record whose key is missing or null has no partner.',
    'A joined record has the left record’s fields, then the right record’s, with **--prefix** in front of their names and without the key, which is there once. In a record without a partner the fields of the other side are absent. Of two records that still have a name in common the one that comes later cannot be used, see **--on-error**, and is joined with none.',
    'The time of a record says when it happened, not when it came. The *watermark* of a stream is its newest time less **--lateness**; it moves when a batch is over, never back, and that of the join is the earlier one of the two. A record before the watermark that the batches ahead of it made is late: it is counted in the report as `late` and left out. Times are read as **sluice window** reads them. A record without a partner comes, in the order of time, when the watermark says that no partner can come any more, and at the latest when both streams have ended. Records are held that long and no longer; so while one stream has nothing newer, the other one is held, up to **--max-held**. With **--idle-timeout** it is held back that long: where no batch of a stream has had a record for so long, its watermark is its newest time less the lateness plus the time since, and one that never had a record holds nobody back; what it brings then may be late. Of a stream that failed, pairs are written, but no records without a partner: nobody knows whether they have one. Pairs come when the later of the two does, so a stage behind the join that goes by the time of one side needs a **--lateness** of **--within** more.',
    'The streams are read in step, whichever is faster: of two batches the one comes first whose interval ends first, or, where batches have no interval, whose number is lower; of two that are even, the right one. So the same streams give the same bytes each time, and which pairs come does not depend on how the streams are cut into batches. A batch goes out for each batch of the left stream, under its number; behind its end, for each of the right. A stream that is idle has to go on with empty batches, as those that are cut by time do, or the other one waits for it.',
    'A named pipe for each side has to have a writer of its own: `tee` would wait for one reader while the other waits for `tee`. To join a stream with itself, keep it in a file, or read its source twice.',
  ],
  examples: [
    {
      line: "… | sluice join users.csv --on user=id --prefix '' | sluice reduce count --by country | …",
      explains: 'records with what a table says of their users',
    },
    {
      line: '… | sluice join blocked.csv --on ip --type anti --reload | …',
      explains: 'records of all but those in a list, which may change',
    },
    {
      line: '… | sluice join --with clicks.env --on user --within 10m --time at --type left | …',
      explains: 'impressions with the clicks within 10 minutes, and those without a click',
    },
    {
      line: '… | sluice batch 1s | sluice join --with <(tail -F clicks | sluice ingest --format json | sluice batch 1s) --on user --within 10m --time at | …',
      explains: 'the same live',
    },
  ],
  make: async (settings, operands) => makeJoin(settings, operands),
});
