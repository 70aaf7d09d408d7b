// Every kind of sink, the first that matches the operand wins. Order = order in the man page.
import { kafkaScheme } from '../../kafka/address.ts';
import { tlsOptions } from '../../tls.ts';
import type { SinkKind } from './sink.ts';
import { standardOutputSink } from './standard-output.ts';

const tlsNames = Object.keys(tlsOptions);

const fileSink: SinkKind = {
  name: 'FILE',
  summary: 'a file, written whole when the stream has ended well, or not at all',
  matches: () => true,
  prepare: async (path, settings) => (await import('./file.ts')).prepareFile(path, settings),
};

const sqliteSink: SinkKind = {
  name: 'sqlite:FILE',
  summary: 'a table of a SQLite database, to which rows are added',
  hasTables: true,
  matches: (operand) => operand.startsWith('sqlite:'),
  prepare: async (operand, settings) => (await import('./sqlite.ts')).prepareSqlite(operand, settings),
};

const kafkaSink: SinkKind = {
  name: 'kafka://HOST:9092/TOPIC',
  summary: 'a topic of Kafka, to which each row goes as JSON',
  options: ['key', 'transactional', 'compression', 'sasl', 'password-file', ...tlsNames],
  matches: (operand) => operand.startsWith(kafkaScheme),
  prepare: async (operand, settings) => (await import('./kafka.ts')).prepareKafka(operand, settings),
};

const flumeSink: SinkKind = {
  name: 'flume://HOST:4141',
  summary: 'the Avro source of a Flume agent, to which each row goes as an event',
  options: ['compression', ...tlsNames],
  matches: (operand) => operand.startsWith('flume://'),
  prepare: async (operand, settings) => (await import('./flume.ts')).prepareFlume(operand, settings),
};

export const sinkKinds: readonly SinkKind[] = [
  standardOutputSink,
  sqliteSink,
  kafkaSink,
  flumeSink,
  fileSink,
];

export function sinkKindOf(operand: string): SinkKind {
  return sinkKinds.find(({ matches }) => matches(operand)) ?? fileSink;
}
