import { formatNames, formats } from './formats/registry.ts';
import { knownPatterns } from './formats/known-patterns.ts';
import { receiverOptions } from './receivers/options.ts';
import { receiverKinds } from './receivers/registry.ts';
import { sourceKinds } from './sources/registry.ts';
import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { kafkaOptions } from '../kafka/options.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { stateOptions } from '../state/options.ts';

const ingestOptions = {
  format: {
    kind: 'text',
    placeholder: 'NAME|NAME:PATTERN',
    choices: formatNames,
    default: 'lines',
    describe: 'what a record is: a line of text, a line of JSON, or the fields of a line of a log',
  },
  fields: {
    kind: 'text',
    placeholder: 'NAME,NAME',
    describe: 'read no other fields of a line than these, which is faster',
  },
  types: {
    kind: 'text',
    placeholder: 'NAME=TYPE,…',
    describe:
      'what fields are, number or text: status=text,ms=number (default: what comes back the same as a number is one)',
  },
  header: {
    kind: 'text',
    placeholder: 'NAME,NAME',
    describe:
      'csv and tsv: the columns of files without a heading, of topics, and of files in a job that keeps state',
  },
  multiline: {
    kind: 'flag',
    describe: 'join stack traces, and other lines that are indented, to the line they belong to',
  },
  'max-record': {
    kind: 'size',
    default: '1MiB',
    describe: 'cut off lines that are longer than this; they are counted and a warning is given at the end',
  },
  'max-rate': {
    kind: 'rate',
    describe: 'take at most so many records a second from all sources together: 10000, 10000/s, 600/m, 100/h',
  },
  follow: {
    kind: 'flag',
    alias: 'f',
    describe: 'go on with what is written to the files, by name as `tail -F` does: also across rotation',
  },
  start: {
    kind: 'text',
    placeholder: 'WHERE',
    describe:
      'Kafka: where to begin in a topic that this job has not read yet: earliest, latest, committed (by --group), a time, or offsets as JSON: {"TOPIC":{"0":12}} (default: committed with --group, earliest with --until, else latest)',
  },
  group: {
    kind: 'text',
    placeholder: 'NAME',
    describe:
      'Kafka, with state: share the partitions with other machines that run the same line with this group',
  },
  until: {
    kind: 'text',
    placeholder: 'latest',
    choices: ['latest'],
    describe: 'Kafka: end where the topics end now: for cron',
  },
  'with-meta': {
    kind: 'flag',
    describe:
      'a record is the whole message: of Kafka {"topic","partition","offset","timestamp","key","headers","value"}, of Flume, and of http-listen, {"headers","value"}',
  },
  'max-rate-per-partition': {
    kind: 'count',
    describe: 'Kafka: take at most this many messages a second from each partition',
  },
  patience: {
    kind: 'duration',
    default: '1m',
    describe: 'Kafka, and tcp with --exit-on-eof: how long to go on trying while nobody answers',
  },
  ...receiverOptions,
  ...kafkaOptions,
  ...stateOptions,
  ...rejectOptions,
} as const satisfies OptionTable;

export type IngestSettings = Settings<typeof ingestOptions>;

export const ingestCommand = defineStage({
  name: 'ingest',
  summary: 'read files, standard input, topics or sockets, and write their records in blocks',
  role: 'source',
  flow: 'bytes → blocks',
  argument: {
    name: 'SOURCE',
    describe:
      "a file, a glob in quotes ('logs/*.log'), dir:FOLDER for files that are moved in, - for standard input (the default), a topic: kafka://HOST:9092/TOPIC, or a socket: tcp://HOST:PORT, tcp-listen://:PORT, flume://:PORT and others",
    takes: 'many',
  },
  options: ingestOptions,
  description: [
    'Reads its sources one after another, from start to end or, with **--follow**, on and on, and writes what they hold as *blocks*: envelopes without a batch number, for **sluice batch** to cut into batches.',
    `A source is: ${[...sourceKinds, ...receiverKinds].map(({ name, summary }) => `**${name}**, ${summary}`).join('; ')}. The formats are: ${formats
      .map(
        ({ name, argument, isArgumentOptional, summary }) =>
          `**${name}${argument === undefined ? '' : isArgumentOptional ? `[:${argument}]` : `:${argument}`}**, ${summary}`,
      )
      .join('; ')}.`,
    'The formats but **lines** and **json** make objects of lines. A text that comes back the same as a number is one: `200`, `0.5`; `007`, `1.50`, `1e3` and integers beyond 2^53 stay text, but for fields that are numbers by definition, such as nginx’s `$request_time`. **--types** says otherwise: a number keeps all its digits, and a line where it is none is rejected. `-` is null in logs of servers; their escapes (`\\"`, `\\xHH`) are undone. Lists of upstreams (`0.030, 1.250`) stay text. A request is split into `method`, `path` (with its query) and `protocol`, which are null where it is no HTTP. Empty lines are passed over, but with **--multiline**. A line that does not fit is rejected with the reason.',
    '**nginx:LOG_FORMAT** and **apache:LOG_FORMAT** take the text, or the whole directive, as it stands in the server’s configuration, in quotes: `--format "nginx:$(sed -n \'/log_format main/,/;/p\' /etc/nginx/nginx.conf)"`. Of **escape=json** an empty value is null. Fields of Apache are named as in **combined**; further ones are `server_name`, `port`, `seconds`, `milliseconds`, `microseconds`, `bytes_sent` and the like, headers have their own names (`x_forwarded_for`), those of answers, cookies, notes and variables with `sent_`, `cookie_`, `note_` or `env_` in front.',
    'Of **csv** and **tsv** each file has a heading of its own, or **--header** names the columns; then a first line that says the same is passed over. Columns that **--fields** or **--types** name and the heading does not have are an error; of several files one of them has to have it, or a line at the end says so. A line has as many values as there are columns. An empty value is null, `""` an empty text. A line end in quotes is part of a value. In **logfmt** of two equal keys the last counts. In **syslog** the structured data of RFC 5424 is an object of objects: `structured_data.ID.NAME`. A pattern of **regex** may match anywhere in a line, `^` and `$` say where; a group that took no part is null. A line on which it takes longer than 250 ms is rejected.',
    `Logs of programs that have a form of their own, by **regex**: ${knownPatterns.map(({ name }) => name).join(', ')}:`,
    knownPatterns.map(({ pattern }) => `    --format 'regex:${pattern}'`).join('\n'),
    'With **auto** the first 20 lines at hand tell the format, for all sources, and a line on the terminal says which it is. Values of csv with line ends in them want **--format csv**. It cannot be had with state, nor for topics.',
    'With **--multiline** a line that is empty, indented, or begins with `Caused by:`, `Traceback` and the like belongs to the record of the line before; so does the exception at the end of a Python trace. All of it is one record, up to **--max-record** bytes; what is longer comes in pieces of whole lines, which a warning at the end counts. In a pattern of **regex** a dot stands for line ends too. The last record is kept back until another begins, or nothing has come for a second. It cannot be had with state.',
    'A file that begins with the bytes of gzip is unpacked, whatever its name; several members in one file are read as one. Lines end with `\\n` or `\\r\\n`; the last line of a file needs no end. A byte order mark in front of a source is left out. A line that is no UTF-8 is decoded with U+FFFD for the damaged bytes and counted in the report.',
    'With **--follow** the files are read on and on, by name as `tail -F` does. A file that is renamed is read to its end, then those that were rotated in between, then the new one; so it is with one that was copied and emptied, whose copy has the rest. What is written is read within some 100 ms, a line once its end is there; what does not exist yet is waited for, and new files of a glob or folder are taken in. A file that was rotated away is over once nobody has written to it for five seconds.',
    'With **--state** the pipeline is a job that goes on: its stages learn of the folder from the stream, and begin with what they held. It is **sluice emit** that commits: a pipeline that ends in another program gets everything again in the next run. What **--on-error FILE** and **--late FILE** keep aside may be there twice after a crash. One run of a job at a time: a second one ends with 75, on one machine. See sluice-state(1) and sluice-state-folder(5).',
    'With state each file goes on at the very byte where the last run left off. A file is known by device, inode and a hash of its first 1,024 bytes, so that it is found again under another name beside the old one: `app.log.1`, `app.log-20260301`, `app-2026-03-01.log`, also packed as `.gz`. One that is shorter than what was read of it, or begins otherwise, was begun anew: it is read from its start, and a warning says that what was written to it before and not read yet is lost, unless a copy of it stands beside it. Two files that begin with the same 1,024 bytes, such as a long header, cannot be told apart where the second has the inode of the first and is not shorter. A last line without its end waits for the next run, or, with **--final**, is a line.',
    '`dir:FOLDER` has the rules of Spark’s textFileStream: files whose names do not begin with a dot, in the order of their modification times and then of their names, each read once, as it is: write a file under a hidden name or elsewhere and move it in. What is there already is read as well. What is added to a file later is not; a file of the same name that replaces it is a new one.',
    'Standard input, pipes and devices cannot be read twice. With state they are written to `wal/` in its folder before they move on, so that what was read and not committed comes again in the next run, in front of its own input. A line that a crash cut off is a line of its own.',
    '**kafka://HOST:9092/TOPIC** is a topic of Kafka, **TOPIC,TOPIC** are several, and **kafka://HOST:9092//PATTERN/** are all whose whole name matches a regular expression; several brokers are HOST:PORT,HOST:PORT. New topics and partitions are taken in while it runs, within 30 s, from their beginning. A record is the value of a message, by **--format**; with **--with-meta** it is the whole message, whose time is in `timestamp`: `window 1m --time timestamp`. A message without a value (a tombstone) is counted and passed over, but for **--with-meta**, where its value is null. Records of transactions that were not committed are never seen; gzip, snappy, lz4 and zstd are unpacked. `offsets` in the envelopes tell from which offset to which each batch was read, and with **--state** the next run goes on there. A slow reader holds the topic back: of each partition 2 MiB are kept at most, and 48 MiB of all.',
    'While no broker answers, reading is tried again for **--patience**, on other brokers of the cluster too; whoever cannot be reached at all for 10 s at the start ends the stage with 69, a wrong password or a missing right with 77. **--tls** and **--sasl** say how to log in. A password stands in a file or in the environment, never in the address.',
    'With **--max-rate** records are taken at a steady pace, whatever the sources are and however much is there: never more than a tenth of a second’s worth at once, also after a pause. What is behind waits where it is: in the file, in the pipe, whose writer is held back, or in the topic, where the lower of this, **--max-rate-per-partition** and what the pipeline can take holds. Records of batches that are made again come at the same pace. Files are then read as streams are, also in **sluice run**.',
    '**tcp://HOST:PORT** connects to somebody who sends lines, and again 2 s after the connection ends, as Spark’s socketTextStream does; with **--exit-on-eof** the stream ends with it. **tcp-listen://HOST:PORT** takes connections instead, of 1,000 clients at a time (**--max-connections**); **unix:PATH** and **unix-listen:PATH** are the same with Unix sockets. Without a host, as in `tcp-listen://:9999`, only this machine can reach it; `tcp-listen://0.0.0.0:9999` is for all. Lines of several clients come one after the other, each whole. The last line of a client needs no end; of one whose connection breaks it is left out. Who listens speaks TLS with **--tls-cert** and **--tls-key**, and with **--tls-ca** only to clients with a certificate of those authorities.',
    'Nobody can hold the others up: a line or a batch that has begun has to be ended within 30 s (or **--idle-timeout**, after which a silent client is let go too); all that is not whole is 64 MiB at most, 200 bytes counted for each piece in which it came, and who holds most of it is let go first; where there are too many clients, one that never sent anything whole makes room, and whoever leaves 64 KiB of answers unread is let go. All of the process takes some 50 MB by itself and, when a thousand clients do their worst, up to 300 MB (500 MB with **--dedup-header**) for moments, until what they sent is cleared away; Node 24 does that later, and comes to some 650 MB. Of each kind of fault the first is told on standard error, and at the end how many there were.',
    'With **--format syslog**, **tcp-listen** reads messages with their length in front of them (octet counting, RFC 6587) as well as lines, and of **udp-listen://HOST:PORT** each datagram is a message. Datagrams of other formats are lines. What comes while the pipeline is too slow is held back, but for datagrams: the system keeps 4 MiB of them, or as many as it allows (`net.core.rmem_max`), and drops the others, which is told of when it begins, and counted at the end. Systems other than Linux do not tell how many they dropped; there only those are counted that ingest itself had no room for.',
    '**http-listen://HOST:PORT** takes what is posted, under any path, packed with gzip, with deflate or not: lines (NDJSON, with **--format json**), a JSON array of objects, each of which is a line, or that of Flume’s HTTP source, `[{"headers":{},"body":"text"}]`, whose bodies are lines, by the rules of **--with-meta** and **--dedup-header** below. **200** is answered once all of it is safe; **503** where the pipeline is busy, with nothing taken, or has ended; **400** to other arrays, **413** beyond 16 MiB.',
    '**flume://HOST:PORT** is an Avro source for Flume agents: name it as **hostname** and **port** of an Avro sink (`type = avro`), with `compression-type = deflate` or without, `ssl = true` with **--tls-cert** and **--tls-key**. A record is the body of an event, by **--format**; with **--with-meta** it is `{"headers":{…},"value":…}`. A batch is answered with OK once it is safe: with **--state** it is in the log of the job on the disk, without it is handed on to the next stage. Where the pipeline is too slow the answer waits, and is FAILED after 10 s, half of what an agent waits for; it sends the batch again. So nothing is lost, and what an agent got no answer to may come twice: where a header holds an id, such as one of Flume’s UUIDInterceptor, **--dedup-header NAME** leaves out what came before, of the last 250,000 events; after a restart of those that are still in the log, of which the last 64 MiB are read.',
    "**exec:COMMAND** runs a command by the shell, in quotes: `exec:'journalctl -f -o json'`. When it ends it is run again, after 1 s at first and up to 32 s later; with **--exit-on-eof** the stream ends with it, with exit status 74 where it failed. What it writes to standard error stays there. All of its processes get SIGTERM when ingest ends, also where that was killed.",
    'Sources that are sent to or connected to are read by themselves, and cannot be read twice: with **--state** they are logged as standard input is. With **--max-rate** whoever sends is held back; what was taken before a signal still comes at that rate, without state.',
    'On SIGINT or SIGTERM the source stops, and what was read drains through the pipeline; a second signal ends it at once.',
  ],
  examples: [
    { line: 'sluice ingest --follow app.log | sluice batch 10s | …', explains: 'follow a live log' },
    {
      line: "sluice ingest --follow --state state 'logs/*.log' | sluice batch 10s | …",
      explains: 'follow all logs of a folder, and go on where it was after a crash or a rotation',
    },
    {
      line: 'sluice ingest kafka://127.0.0.1:9092/orders --format json --state state | sluice batch 10s | …',
      explains: 'a topic, from where the last run left off',
    },
    {
      line: 'sluice ingest tcp://localhost:9999 | sluice batch 1s | sluice reduce --words | sluice emit',
      explains: 'count words that `nc -lk 9999` sends, as in Spark’s quick example',
    },
    {
      line: 'sluice ingest flume://0.0.0.0:4141 --format json --state state | sluice batch 10s | …',
      explains: 'take what Flume agents send, and lose nothing',
    },
    {
      line: 'sluice ingest --format combined --fields path,status access.log | sluice batch --once | …',
      explains: 'two fields of the lines of a web server',
    },
    {
      line: "sluice ingest 'logs/*.log' archive.log.gz | sluice batch --once | …",
      explains: 'read what is there, then stop',
    },
  ],
  make: async (settings, operands) => (await import('./stage.ts')).ingestStage(settings, operands),
});
