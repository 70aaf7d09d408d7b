// A worker that fails at first where a word occurs: FAULT says which, how, how often, and where it is kept how often
// tasks were tried.
import { appendFileSync, statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

// The real worker's listener, called by the one below.
let work;
const on = parentPort.on.bind(parentPort);
parentPort.on = (_, listener) => (work = listener);
await import('../../bin/worker.js');
parentPort.on = on;

const faults = {
  refuse: () => parentPort.postMessage({ error: new Error('refused') }, []),
  throw: () => {
    throw new Error('thrown');
  },
  exit: () => process.exit(3),
  hang: () => {
    for (;;);
  },
};

parentPort.on('message', (job) => {
  const { kind, word, times, marks } = JSON.parse(process.env.FAULT);
  if (!job.input.parts.some(({ payload }) => Buffer.from(payload).includes(word))) return work(job);
  appendFileSync(marks, '.');
  return statSync(marks).size > times ? work(job) : faults[kind]();
});
