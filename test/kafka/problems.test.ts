import { createRequire } from 'node:module';
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/errors.ts';
import { describeProblem, innermost, isPassing, kafkaProblem } from '../../src/kafka/problems.ts';

type KafkaJSErrors = Record<string, new (message: string | Error, more?: object) => Error>;
const errors = createRequire(import.meta.url)('kafkajs/src/errors.js') as KafkaJSErrors;

function thrown(name: string, message: string | Error = 'why', more: object = {}): Error {
  return new (errors[name] as KafkaJSErrors[string])(message, more);
}

const where = 'kafka://host/orders';

function told(error: unknown): string {
  const problem = kafkaProblem(where, error);
  if (!(problem instanceof SluiceError)) throw new Error('it is no SluiceError', { cause: problem });
  expect(problem.cause).toBe(error);
  return `${problem.exit}: ${problem.message}`;
}

/** By their numbers in the protocol. */
const codes = {
  unknown: -1,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopic: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  messageTooLarge: 10,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  topicAuthorization: 29,
  groupAuthorization: 30,
  clusterAuthorization: 31,
  unsupportedMechanism: 33,
  unsupportedVersion: 35,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  concurrentTransactions: 51,
  transactionalIdAuthorization: 53,
  storageError: 56,
  authenticationFailed: 58,
  fencedLeaderEpoch: 74,
  producerFenced: 90,
} as const;

describe('what a broker answers', () => {
  test.each<[keyof typeof codes, boolean, string]>([
    ['unknownTopic', true, `unavailable: ${where}: there is no such topic`],
    ['leaderNotAvailable', true, `unavailable: ${where}: There is no leader for this topic-partition`],
    ['notLeader', true, `unavailable: ${where}: This server is not the leader`],
    ['coordinatorNotAvailable', true, `unavailable: ${where}: The group coordinator is not available`],
    ['notCoordinator', true, `unavailable: ${where}: This is not the correct coordinator`],
    ['notEnoughReplicas', true, `unavailable: ${where}: Messages are rejected`],
    ['corruptMessage', true, `unavailable: ${where}: This message has failed its CRC checksum`],
    ['concurrentTransactions', true, `unavailable: ${where}: The producer attempted to update a transaction`],
    ['storageError', true, `unavailable: ${where}: Disk error`],
    ['fencedLeaderEpoch', true, `unavailable: ${where}: The leader epoch in the request is older`],
    ['unknown', true, `unavailable: ${where}: The server experienced an unexpected error`],
    ['offsetOutOfRange', false, `unavailable: ${where}: The requested offset is not within the range`],
    ['invalidTopic', false, `unavailable: ${where}: The request attempted to perform an operation`],
    ['unsupportedVersion', false, `unavailable: ${where}: The version of API is not supported`],
    ['outOfOrderSequence', false, `unavailable: ${where}: The broker received an out of order`],
    ['messageTooLarge', false, `badData: ${where} does not take a row as large as this`],
    ['recordListTooLarge', false, `badData: ${where} does not take a row as large as this`],
    ['topicAuthorization', false, `noPermission: ${where} does not let us use this topic`],
    ['groupAuthorization', false, `noPermission: ${where} does not let us use this group`],
    ['clusterAuthorization', false, `noPermission: ${where} does not let us do this`],
    ['transactionalIdAuthorization', false, `noPermission: ${where} does not let us use transactions`],
    ['unsupportedMechanism', false, `noPermission: ${where} does not know this way to log in`],
    ['authenticationFailed', false, `noPermission: ${where} does not let us in: `],
    ['invalidProducerEpoch', false, `tryLater: another run writes to ${where} in place of this one`],
    ['producerFenced', false, `tryLater: another run writes to ${where} in place of this one`],
  ])('%s, passing: %s', (name, passing, message) => {
    const error = createErrorFromCode(codes[name]);
    expect(isPassing(error)).toBe(passing);
    expect(told(error).slice(0, message.length)).toBe(message);
  });

  test('a number that nobody knows is told', () => {
    expect(isPassing(createErrorFromCode(999))).toBe(false);
    expect(told(createErrorFromCode(999))).toBe(`unavailable: ${where}: Unknown error code 999`);
  });
});

describe('what the network does', () => {
  const unreachable = 'unavailable: kafka://host/orders cannot be reached: ';
  const silent = 'unavailable: kafka://host/orders does not answer: ';
  const untrusted = 'unavailable: kafka://host/orders cannot be trusted: ';

  test.each<[string, string, boolean, string]>([
    ['KafkaJSConnectionError', 'Connection error: connect ECONNREFUSED 127.0.0.1:1', true, unreachable],
    ['KafkaJSConnectionError', 'Connection error: getaddrinfo ENOTFOUND host', true, unreachable],
    ['KafkaJSConnectionError', 'Connection timeout', true, silent],
    ['KafkaJSConnectionError', 'Connection closed by the server', true, silent],
    ['KafkaJSConnectionClosedError', 'Closed connection', true, silent],
    ['KafkaJSRequestTimeoutError', 'Request Fetch(key: 1, version: 11) timed out', true, unreachable],
    ['KafkaJSLockTimeout', 'Timeout while acquiring lock', true, silent],
    ['KafkaJSBrokerNotFound', 'Broker 2 not found in the cached metadata', true, unreachable],
    ['KafkaJSGroupCoordinatorNotFound', 'Failed to find group coordinator', true, unreachable],
    ['KafkaJSTopicMetadataNotLoaded', 'Topic metadata not loaded', true, unreachable],
    ['KafkaJSServerDoesNotSupportApiKey', 'The Kafka server does not support API', false, unreachable],
    ['KafkaJSConnectionError', 'Connection error: self-signed certificate in chain', false, untrusted],
    [
      'KafkaJSConnectionError',
      "Connection error: Hostname/IP does not match certificate's altnames",
      false,
      untrusted,
    ],
    [
      'KafkaJSConnectionError',
      'Connection error: 80:error:0A00010B:SSL routines:wrong version number',
      false,
      untrusted,
    ],
    [
      'KafkaJSConnectionError',
      'Failed to connect: error:0480006C:PEM routines::no start line',
      false,
      untrusted,
    ],
    [
      'KafkaJSConnectionError',
      'Failed to connect: error:068000A8:asn1 encoding routines::wrong tag',
      false,
      untrusted,
    ],
  ])('%s: %s', (name, message, passing, expected) => {
    const error = thrown(name, message);
    expect(isPassing(error)).toBe(passing);
    expect(told(error)).toBe(expected + message.replace(/^(Connection error|Failed to connect): /, ''));
  });

  test('a password that is wrong does not get better', () => {
    const error = thrown('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed');
    expect(isPassing(error)).toBe(false);
    expect(told(error)).toBe(
      'noPermission: kafka://host/orders does not let us in: SASL PLAIN authentication failed',
    );
  });

  test('signs that replacement texts know are said as they are', () => {
    const error = thrown('KafkaJSConnectionError', "connect $& $' WHERE");
    expect(told(error)).toBe("unavailable: kafka://host/orders cannot be reached: connect $& $' WHERE");
    expect((kafkaProblem('kafka://$&/WHY', error) as SluiceError).message).toContain('kafka://$&/');
  });
});

describe('what retries ended with', () => {
  const inner = createErrorFromCode(codes.topicAuthorization);
  const outer = thrown('KafkaJSNumberOfRetriesExceeded', inner, { retryCount: 5, retryTime: 300 });
  const outermost = thrown('KafkaJSNonRetriableError', outer, { cause: outer });

  test('is what counts', () => {
    expect(innermost(outermost)).toBe(inner);
    expect(isPassing(outermost)).toBe(false);
    expect(told(outermost)).toBe(`noPermission: ${where} does not let us use this topic`);
    expect(describeProblem(outermost)).toBe(inner.message);
  });

  test('is passing where it is, though retries are over', () => {
    const lost = thrown('KafkaJSNumberOfRetriesExceeded', createErrorFromCode(codes.notLeader));
    expect(isPassing(lost)).toBe(true);
  });
});

describe('what is no matter of Kafka', () => {
  test('is passed on as it is, and is not tried again', () => {
    for (const error of [
      new SluiceError('badData', 'a damaged batch'),
      new TypeError('a bug'),
      new Error('x'),
    ]) {
      expect(isPassing(error)).toBe(false);
      expect(kafkaProblem(where, error)).toBe(error);
    }
  });
});
