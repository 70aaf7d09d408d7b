// `npm run kafka`: the broker of the tests, to play with. Topics come to be when somebody uses them; all is gone at the end.
import { missingForJava } from '../helpers/java.js';
import { startBroker } from './broker.js';

const missing = missingForJava();
if (missing) {
  console.error(`${missing}: a Kafka broker needs Java 17 and Maven`);
  process.exit(69);
}
const port = Number(process.argv[2] ?? 9092);
console.log('starting Kafka (the first time it is fetched, 54 MB) …');
const broker = await startBroker({ port, createsTopics: true, more: { 'num.partitions': 4 } });
console.log(`Kafka listens on ${broker.bootstrap}; Ctrl-C ends it. In other terminals:

  seq 1000 | sluice ingest | sluice batch --once | sluice emit kafka://${broker.bootstrap}/numbers
  sluice ingest kafka://${broker.bootstrap}/numbers --until latest | sluice batch --once | sluice reduce count | sluice emit`);
const stayAlive = setInterval(() => undefined, 1 << 30);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, async () => {
    clearInterval(stayAlive);
    await broker.stop();
  });
