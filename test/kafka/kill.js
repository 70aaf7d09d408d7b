// Kills stages of pipelines from topic to topic at random moments, runs the line again until it is through, and compares what
// a reader of committed records finds with what it has to be.
//
//   node test/kafka/kill.js [--kills 200] [--seed 1] [--only NAME] [--form shell|run]
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { createRandom } from '../bench/random.js';
import { disturbed } from '../faults/kill.js';
import { startBroker } from './broker.js';

const program = resolve(import.meta.dirname, '../../bin/sluice.js');
const lines = 24_000;
const batch = 'batch --records 250 --checkpoint 60ms';

/** What is written into the topics: a word count of `from` has to be right, in `to`. */
export const pipelines = [
  { name: 'words of a partition', partitions: 1, options: '' },
  { name: 'words of four partitions', partitions: 4, options: '' },
  { name: 'words of a group', partitions: 4, options: ' --group GROUP' },
];

function lineOf({ options }, { bootstrap, from, to }, form) {
  const source = `ingest kafka://${bootstrap}/${from} --start earliest --until latest${options.replace('GROUP', to)}`;
  const stages = [
    source,
    batch,
    'reduce --words',
    `emit kafka://${bootstrap}/${to} --key word --transactional`,
  ];
  return form === 'run'
    ? `sluice run '${stages.join(' | ')}'`
    : stages.map((stage) => `sluice ${stage}`).join(' | ');
}

/** Texts, and how often each word is in them. */
function makeTexts(random) {
  const counts = new Map();
  const texts = Array.from({ length: lines }, () => {
    const words = Array.from({ length: 6 }, () => `w${Math.floor(random() ** 3 * 400)}`);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return words.join(' ');
  });
  return { texts, counts };
}

/** The sum of the counts of each word, as a reader of committed records sees them that waits so many milliseconds for the next one. */
function countsIn(broker, topic, patience) {
  const options = ['--bootstrap-server', broker.bootstrap, '--topic', topic, '--from-beginning'];
  options.push('--timeout-ms', String(patience), '--isolation-level', 'read_committed');
  const printed = broker.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', options);
  const counts = new Map();
  for (const text of printed.split('\n').filter(Boolean)) {
    const { word, count } = JSON.parse(text);
    counts.set(word, (counts.get(word) ?? 0) + count);
  }
  return counts;
}

function difference(actual, expected) {
  const words = [...new Set([...actual.keys(), ...expected.keys()])];
  const wrong = words.filter((word) => actual.get(word) !== expected.get(word));
  if (wrong.length === 0) return undefined;
  const [word] = wrong;
  return `${wrong.length} words differ: ${word} ${actual.get(word)} for ${expected.get(word)}`;
}

/** What differs for a reader that waits long, too, as it has to on a machine that is busy. */
function lastingDifference(broker, topic, counts) {
  return (
    difference(countsIn(broker, topic, 2500), counts) && difference(countsIn(broker, topic, 30_000), counts)
  );
}

/** Resolves to a function that runs a pipeline once, with kills. */
export async function makeTrials(broker, folder, random) {
  const kafka = new kafkajs.Kafka({ brokers: broker.bootstrap.split(','), logLevel: 0 });
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  symlinkSync(program, join(folder, 'bin', 'sluice'));
  let rounds = 0;
  const trial = async (pipeline, form, mostKills) => {
    const number = (rounds += 1);
    const topics = { bootstrap: broker.bootstrap, from: `texts-${number}`, to: `counts-${number}` };
    await admin.createTopics({
      topics: [
        { topic: topics.from, numPartitions: pipeline.partitions },
        { topic: topics.to, numPartitions: 3 },
      ],
    });
    const { texts, counts } = makeTexts(random);
    await producer.send({
      topic: topics.from,
      messages: texts.map((value, index) => ({ value, partition: index % pipeline.partitions })),
    });
    const work = join(folder, `round-${number}`);
    mkdirSync(work);
    const { kills, problem } = await disturbed(lineOf(pipeline, topics, form), work, random, 900, mostKills);
    return { kills, problem: problem ?? lastingDifference(broker, topics.to, counts) };
  };
  const close = () => Promise.all([admin.disconnect(), producer.disconnect()]);
  return { trial, close };
}

async function main() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      form: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-kafka-kills-'));
  const broker = await startBroker();
  const started = performance.now();
  const { trial, close } = await makeTrials(broker, folder, createRandom(Number(values.seed)));
  const chosen = pipelines.filter(({ name }) => !values.only || name === values.only);
  let [kills, rounds, differences] = [0, 0, 0];
  while (kills < Number(values.kills) && differences < 5) {
    for (const pipeline of chosen) {
      for (const form of values.form ? [values.form] : ['shell', 'run']) {
        const outcome = await trial(pipeline, form, 10);
        kills += outcome.kills;
        rounds += 1;
        if (!outcome.problem) continue;
        differences += 1;
        console.log(`${pipeline.name}, ${form}, round ${rounds}: ${outcome.problem}`);
      }
    }
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `${kills} kills, ${rounds} runs brought to their end, ${differences} differences, ${seconds} s`,
  );
  await close();
  await broker.stop();
  rmSync(folder, { recursive: true });
  process.exitCode = differences === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await main();
