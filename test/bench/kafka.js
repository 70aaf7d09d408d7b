// A topic read from end to end: sluice beside a bare kafkajs consumer and kcat, in turns, against a real broker.
//
//   node test/bench/kafka.js [thousands of records] [rounds]
//
// Every record has to come once and, in each partition, in order, before anything is timed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import kafkajs from 'kafkajs';
import { startBroker } from '../kafka/broker.js';

const count = Number(process.argv[2] ?? 1000) * 1000;
const rounds = Number(process.argv[3] ?? 5);
const partitions = 8;
const topic = 'records';
const program = resolve(import.meta.dirname, '../../bin/sluice.js');
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-kafka-'));
const broker = await startBroker();

const kafka = new kafkajs.Kafka({ brokers: [broker.bootstrap], logLevel: 0 });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
await admin.disconnect();
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();
for (let id = 0; id < count;) {
  const messages = Array.from({ length: Math.min(5000, count - id) }, (_, index) => ({
    partition: (id + index) % partitions,
    key: `k${(id + index) % 997}`,
    value: `{"id":${id + index},"user":"u${(id + index) % 997}","text":"${'x'.repeat(60)}"}`,
  }));
  await producer.send({ topic, messages });
  id += messages.length;
}
await producer.disconnect();

const bare = join(folder, 'bare.cjs');
writeFileSync(
  bare,
  `const { Kafka } = require(${JSON.stringify(resolve(import.meta.dirname, '../../node_modules/kafkajs'))});
const consumer = new Kafka({ brokers: ['${broker.bootstrap}'], logLevel: 0 }).consumer({ groupId: 'g' + process.pid });
(async () => {
  await consumer.connect();
  await consumer.subscribe({ topic: '${topic}', fromBeginning: true });
  let [seen, first] = [0];
  await consumer.run({ eachBatch: async ({ batch }) => {
    first ??= performance.now();
    seen += batch.messages.length;
    if (seen >= ${count}) { console.error('query ' + (performance.now() - first) / 1000); process.exit(0); }
  } });
})();`,
);
const source = `${program} ingest kafka://${broker.bootstrap}/${topic} --start earliest --until latest --format json`;
const ways = [
  { name: 'sluice ingest', command: `${source} > /dev/null` },
  {
    name: 'sluice run, count by user',
    command: `${program} run 'ingest kafka://${broker.bootstrap}/${topic} --until latest --format json | batch --once | reduce count --by user | emit --format csv' > /dev/null`,
  },
  { name: 'kafkajs consumer', command: `node ${bare}` },
  { name: 'kcat', command: `kcat -C -b ${broker.bootstrap} -t ${topic} -o beginning -e -q > /dev/null` },
].filter(({ name }) => name !== 'kcat' || spawnSync('kcat', ['-V']).status === 0);

check(readFileSync(run({ command: `${source} > ${join(folder, 'all')}` }).file));

const times = new Map(ways.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1)
  for (const way of ways) times.get(way.name).push(run(way).seconds);
const median = (list) => list.toSorted((one, other) => one - other)[list.length >> 1];
const base = times.get('kafkajs consumer');
console.log(
  `${count} records, ${partitions} partitions, ${rounds} rounds; × is how many times as fast as the kafkajs consumer, whose start and joining of its group are left out`,
);
for (const [name, list] of times) {
  const ratio = median(list.map((seconds, round) => base[round] / seconds));
  console.log(
    `${name.padEnd(28)} ${median(list).toFixed(2)} s  ${ratio.toFixed(2)} ×  ${Math.round(count / median(list) / 1000)} k/s`,
  );
}
await broker.stop();
rmSync(folder, { recursive: true });

function run({ command }) {
  const began = performance.now();
  const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  // A consumer of kafkajs waits for its group first; that is not reading.
  const own = /^query (\S+)$/m.exec(stderr);
  return { seconds: own ? Number(own[1]) : (performance.now() - began) / 1000, file: join(folder, 'all') };
}

function check(bytes) {
  const next = Array.from({ length: partitions }, (_, partition) => partition);
  for (const line of bytes.toString('utf8').split('\n').filter(Boolean)) {
    const { offsets, records } = JSON.parse(line);
    if (records.length === 0) continue;
    const partition = Number(Object.keys(offsets)[0].split('/')[1]);
    for (const { id } of records) {
      if (id !== next[partition])
        throw new Error(`record ${next[partition]} of partition ${partition} is missing: ${id} comes`);
      next[partition] += partitions;
    }
  }
  const seen = next.reduce((sum, id, partition) => sum + (id - partition) / partitions, 0);
  if (seen !== count) throw new Error(`${seen} records of ${count}`);
}
