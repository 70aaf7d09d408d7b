// What is wrong with a Kafka cluster, in words that help.
import { messageOf, SluiceError } from '../errors.ts';

/** What kafkajs throws: errors of the protocol have a `type`, those of the network a `code`. */
export type KafkaError = Error & {
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  readonly cause?: unknown;
};

/** The error that retries ended with, where there were any. */
export function innermost(error: unknown): KafkaError {
  const { cause } = error as KafkaError;
  return cause instanceof Error && cause !== error ? innermost(cause) : (error as KafkaError);
}

/** Trying again may help: a broker is away, or the cluster is electing a leader. */
export function isPassing(error: unknown): boolean {
  const { name, type, retriable, message } = innermost(error);
  if (!name.startsWith('KafkaJS')) return false;
  if (refusals[type ?? '']) return type === unknownTopic;
  if (name === 'KafkaJSSASLAuthenticationError' || isCertificateProblem(message)) return false;
  return retriable !== false || passing.has(type ?? name);
}

/** Passing, though kafkajs does not think so. */
const passing = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'UNKNOWN',
]);

const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION';

const refusals: Record<string, readonly [SluiceError['exit'], string, string?]> = {
  [unknownTopic]: [
    'unavailable',
    'WHERE: there is no such topic',
    'make it first, for example: kafka-topics.sh --create --topic NAME',
  ],
  SASL_AUTHENTICATION_FAILED: [
    'noPermission',
    'WHERE does not let us in: WHY',
    'is the password right, and --sasl what the brokers have?',
  ],
  UNSUPPORTED_SASL_MECHANISM: ['noPermission', 'WHERE does not know this way to log in', '--sasl has others'],
  TOPIC_AUTHORIZATION_FAILED: [
    'noPermission',
    'WHERE does not let us use this topic',
    'give the user the right to it: kafka-acls.sh',
  ],
  GROUP_AUTHORIZATION_FAILED: [
    'noPermission',
    'WHERE does not let us use this group',
    'give the user the right to it: kafka-acls.sh',
  ],
  CLUSTER_AUTHORIZATION_FAILED: [
    'noPermission',
    'WHERE does not let us do this',
    'give the user the right to it: kafka-acls.sh',
  ],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [
    'noPermission',
    'WHERE does not let us use transactions',
    'give the user the right to them: kafka-acls.sh',
  ],
  MESSAGE_TOO_LARGE: [
    'badData',
    'WHERE does not take a row as large as this',
    'raise max.message.bytes of the topic',
  ],
  RECORD_LIST_TOO_LARGE: [
    'badData',
    'WHERE does not take a row as large as this',
    'raise max.message.bytes of the topic',
  ],
  INVALID_PRODUCER_EPOCH: ['tryLater', 'another run writes to WHERE in place of this one'],
  PRODUCER_FENCED: ['tryLater', 'another run writes to WHERE in place of this one'],
};

function isCertificateProblem(message: string): boolean {
  return /certificate|routines|wrong version number|altnames/i.test(message);
}

/** `where` is what was to be reached, as the user typed it. */
export function kafkaProblem(where: string, error: unknown): unknown {
  if (error instanceof SluiceError) return error;
  const inner = innermost(error);
  // kafkajs does not know it.
  const type = inner.message === 'Unknown error code 90' ? 'PRODUCER_FENCED' : (inner.type ?? '');
  if (!inner.name.startsWith('KafkaJS')) return error;
  const why = inner.message.replace(/^(Connection error|Failed to connect): /, '');
  const [exit, text, hint] =
    refusals[type] ??
    (inner.name === 'KafkaJSSASLAuthenticationError' ? refusals['SASL_AUTHENTICATION_FAILED'] : undefined) ??
    reachability(why, inner);
  return new SluiceError(
    exit,
    text.replace('WHERE', () => where).replace('WHY', () => why),
    hint,
    error,
  );
}

function reachability(
  why: string,
  { name, type }: KafkaError,
): readonly [SluiceError['exit'], string, string?] {
  // It answers, and does not do what was asked.
  if (type !== undefined) return ['unavailable', 'WHERE: WHY'];
  if (isCertificateProblem(why))
    return [
      'unavailable',
      'WHERE cannot be trusted: WHY',
      '--tls-ca FILE names the authority; without TLS there is no --tls',
    ];
  if (why.includes('before secure TLS connection'))
    return ['unavailable', 'WHERE does not speak TLS: WHY', 'leave --tls out, or name the port that does'];
  if (name === 'KafkaJSConnectionClosedError' || /closed|timeout/i.test(why))
    return [
      'unavailable',
      'WHERE does not answer: WHY',
      'is it a Kafka broker, and does it want --tls or --sasl?',
    ];
  return ['unavailable', 'WHERE cannot be reached: WHY', 'is the broker running, and is the address right?'];
}

export function describeProblem(error: unknown): string {
  return messageOf(innermost(error));
}
