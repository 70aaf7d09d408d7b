// kafka://HOST[:PORT][,HOST…]/TOPIC[,TOPIC…] or kafka://HOST//PATTERN/: where brokers are, and which topics are meant.
import { SluiceError } from '../errors.ts';

export const kafkaScheme = 'kafka://';
const usualPort = 9092;
const mostPort = 65_535;

export type KafkaAddress = {
  /** As the user typed it, for messages. */
  readonly text: string;
  /** `host:port`, as many as were given; one that answers is enough. */
  readonly brokers: readonly string[];
  readonly user?: string;
  readonly topics: readonly string[];
  /** Topics whose whole name matches, also those that come to be later. */
  readonly pattern?: RegExp;
};

/** Throws SluiceError('usage'). */
export function parseKafkaAddress(text: string): KafkaAddress {
  const [authority = '', ...path] = text.slice(kafkaScheme.length).split('/');
  const at = authority.lastIndexOf('@');
  const user = decoded(authority.slice(0, Math.max(at, 0)));
  if (user.includes(':')) throw withPassword();
  const brokers = authority
    .slice(at + 1)
    .split(',')
    .map((broker) => withPort(broker, text));
  return { text, brokers, ...(user !== '' && { user }), ...parseTopics(path.join('/'), text) };
}

function withPort(broker: string, text: string): string {
  const [, host, port = usualPort] = /^([^\s:[\]]+)(?::(\d+))?$/.exec(broker) ?? [];
  if (host === undefined) throw wrong(text, `'${broker}' is no HOST:PORT`);
  if (Number(port) < 1 || Number(port) > mostPort) throw wrong(text, `${port} is no port`);
  return `${host}:${port}`;
}

function parseTopics(path: string, text: string): Pick<KafkaAddress, 'topics' | 'pattern'> {
  const [, source] = /^\/(.+)\/$/.exec(path) ?? [];
  if (source !== undefined) {
    try {
      return { topics: [], pattern: new RegExp(`^(?:${source})$`) };
    } catch {
      throw wrong(text, `/${source}/ is no regular expression`);
    }
  }
  const topics = path.split(',').map(decoded);
  const odd = topics.find((topic) => !/^(?!\.{1,2}$)[\w.-]{1,249}$/.test(topic));
  if (odd === undefined) return { topics: [...new Set(topics)] };
  throw wrong(text, odd === '' ? 'a topic is missing' : `'${odd}' cannot be the name of a topic`);
}

/** Throws SluiceError('usage') where it is not one topic. */
export function topicOf({ text, topics }: KafkaAddress): string {
  const [topic, second] = topics;
  if (topic !== undefined && second === undefined) return topic;
  throw wrong(text, 'rows go to one topic');
}

/** What is wrong may be a password with a slash in it, which must not be said. */
function wrong(text: string, why: string): SluiceError {
  if (/:[^@]*@/.test(text.slice(kafkaScheme.length))) return withPassword();
  return new SluiceError(
    'usage',
    `${text}: ${why}`,
    'write kafka://HOST:9092/TOPIC, or //PATTERN/ for several topics',
  );
}

function withPassword(): SluiceError {
  return new SluiceError(
    'usage',
    'a password does not belong in an address, where everybody on this machine can read it',
    'put it in a file, --password-file FILE, or in the environment: SLUICE_KAFKA_PASSWORD',
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
