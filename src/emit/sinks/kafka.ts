// Rows into a topic of Kafka: each is a record, as JSON.
import { parseKafkaAddress, topicOf } from '../../kafka/address.ts';
import { securityFrom } from '../../kafka/security.ts';
import { SluiceError } from '../../errors.ts';
import type { EmitSettings } from '../command.ts';
import { openStatus } from '../terminal/screen.ts';
import type { Sink } from './sink.ts';

/** Milliseconds. */
const usualPatience = 60_000;

export function prepareKafka(operand: string, settings: EmitSettings): Sink {
  const address = parseKafkaAddress(operand);
  const topic = topicOf(address);
  const security = securityFrom(settings, address);
  const {
    format = 'ndjson',
    patience = usualPatience,
    key: [key, second],
    transactional,
    compression,
  } = settings;
  if (second !== undefined)
    throw new SluiceError('usage', `--key ${key},${second}: the key of a record is one column`);
  if (format !== 'ndjson')
    throw new SluiceError('usage', `--format ${format}: a row in a topic is JSON`, 'leave --format out');
  return {
    target: `${address.brokers.join(',')}/${topic}`,
    async open(showsStatus) {
      const [{ reach }, { KafkaProducer }, { KafkaWriter }] = await Promise.all([
        import('../../kafka/reach.ts'),
        import('../../kafka/producer.ts'),
        import('./kafka/writer.ts'),
      ]);
      const reaching = { address, security, patience, mayCreateTopics: true };
      const { cluster, producer } = await reach(reaching, async (reached) => {
        const made = new KafkaProducer(reached, topic, compression === 'gzip');
        // Whose transactions they are is told by the job.
        if (transactional) await reached.partitionsOf([topic]);
        else await made.open();
        return { cluster: reached, producer: made };
      });
      const status = showsStatus ? await openStatus(settings.color) : undefined;
      return new KafkaWriter({ cluster, producer, topic, operand, key, transactional, status });
    },
  };
}
