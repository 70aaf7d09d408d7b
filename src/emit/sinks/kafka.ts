// Rows into a topic of Kafka: each is a record, as JSON.
import { parseKafkaAddress, topicOf } from '../../kafka/address.ts';
import { securityFrom } from '../../kafka/security.ts';
import { SluiceError } from '../../errors.ts';
import type { EmitSettings } from '../command.ts';
import { openStatus } from '../terminal/screen.ts';
import type { Sink } from './sink.ts';

/** Whoever cannot be reached by then is not there. Milliseconds. */
const firstPatience = 10_000;

export function prepareKafka(operand: string, settings: EmitSettings): Sink {
  const address = parseKafkaAddress(operand);
  const topic = topicOf(address);
  const security = securityFrom(settings, address);
  const { format = 'ndjson', patience, key, transactional, compression } = settings;
  if (format !== 'ndjson')
    throw new SluiceError('usage', `--format ${format}: a row in a topic is JSON`, 'leave --format out');
  return {
    target: `${address.brokers.join(',')}/${topic}`,
    async open(showsStatus) {
      const [{ KafkaCluster }, { KafkaProducer }, { KafkaWriter }] = await Promise.all([
        import('../../kafka/cluster.ts'),
        import('../../kafka/producer.ts'),
        import('./kafka/writer.ts'),
      ]);
      let isOpen = false;
      const persistence = {
        where: operand,
        patience: () => (isOpen ? patience : Math.min(firstPatience, patience)),
      };
      const cluster = await KafkaCluster.connect(address, security, persistence, true);
      const producer = new KafkaProducer(cluster, topic, compression === 'gzip');
      try {
        if (transactional) await cluster.partitionsOf([topic]);
        else await producer.open();
      } catch (error) {
        // An open connection would keep the process alive.
        await cluster.close();
        throw error;
      }
      isOpen = true;
      const status = showsStatus ? await openStatus(settings.color) : undefined;
      return new KafkaWriter({ cluster, producer, topic, operand, key, transactional, status });
    },
  };
}
