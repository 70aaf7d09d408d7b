// Every kind of sink, the first that matches the operand wins. Order = order in the man page.
import { refuseAddress } from '../../address.ts';
import { kafkaScheme } from '../../kafka/address.ts';
import { execScheme } from './exec-scheme.ts';
import type { SinkKind } from './sink.ts';
import { isSqlite } from './sqlite-scheme.ts';
import { standardOutputSink } from './standard-output.ts';

const tlsNames = ['tls', 'tls-ca', 'tls-cert', 'tls-key'] as const;
const text = ['format', 'csv-safe'] as const;

const fileSink: SinkKind = {
  name: 'FILE',
  summary: 'a file, written whole when the stream has ended well, or not at all',
  options: [...text, 'rotate-size', 'rotate-age'],
  matches: () => true,
  prepare: async (path, settings) => (await import('./file.ts')).prepareFile(path, settings),
};

const filesSink: SinkKind = {
  name: 'file:TEMPLATE',
  summary: 'files, by what is in the rows: file:out/{date}/{status}.ndjson',
  options: [...text, 'rotate-size', 'rotate-age'],
  matches: (operand) => operand.startsWith('file:'),
  prepare: fileSink.prepare,
};

const sqliteSink: SinkKind = {
  name: 'sqlite:FILE',
  summary:
    'a table of a SQLite database, to which rows are added; also what ends with .db, .sqlite or .sqlite3',
  options: ['table', 'mode', 'key', 'patience'],
  matches: isSqlite,
  prepare: async (operand, settings) => (await import('./sqlite.ts')).prepareSqlite(operand, settings),
};

const postgresSink: SinkKind = {
  name: 'postgres://USER@HOST/DATABASE',
  summary: 'a table of a PostgreSQL database, to which rows are added',
  options: ['table', 'mode', 'key', 'patience', 'password-file'],
  matches: (operand) => /^postgres(ql)?:\/\//.test(operand),
  prepare: async (operand, settings) => (await import('./postgres.ts')).preparePostgres(operand, settings),
};

const execSink: SinkKind = {
  name: 'exec:COMMAND',
  summary: "a command's standard input",
  options: text,
  matches: (operand) => operand.startsWith(execScheme),
  prepare: async (operand, settings) => (await import('./exec.ts')).prepareExec(operand, settings),
};

const httpSink: SinkKind = {
  name: 'https://HOST/PATH',
  summary: 'a web server, to which each batch or window is posted',
  options: ['format', 'token-file', 'patience'],
  matches: (operand) => /^https?:/.test(operand),
  prepare: async (operand, settings) => (await import('./http.ts')).prepareHttp(operand, settings),
};

const kafkaSink: SinkKind = {
  name: 'kafka://HOST:9092/TOPIC',
  summary: 'a topic of Kafka, to which each row goes as JSON',
  options: [
    'format',
    'key',
    'patience',
    'transactional',
    'compression',
    ...tlsNames,
    'sasl',
    'password-file',
  ],
  matches: (operand) => operand.startsWith(kafkaScheme),
  prepare: async (operand, settings) => (await import('./kafka.ts')).prepareKafka(operand, settings),
};

const flumeSink: SinkKind = {
  name: 'flume://HOST:4141',
  summary: 'the Avro source of a Flume agent, to which each row goes as an event',
  options: ['format', 'patience', 'compression', ...tlsNames],
  matches: (operand) => operand.startsWith('flume://'),
  prepare: async (operand, settings) => (await import('./flume.ts')).prepareFlume(operand, settings),
};

export const sinkKinds: readonly SinkKind[] = [
  standardOutputSink,
  sqliteSink,
  postgresSink,
  kafkaSink,
  flumeSink,
  execSink,
  httpSink,
  filesSink,
  fileSink,
];

/** Throws SluiceError('usage'). */
export function sinkKindOf(operand: string): SinkKind {
  const kind = sinkKinds.find(({ matches }) => matches(operand)) ?? fileSink;
  if (kind === fileSink) refuseAddress(operand, 'sink');
  return kind;
}
