// Windows that slide beside windows that lie side by side, on the same events: node test/bench/sliding.js [millions] [rounds] [aggregate] [keys] [churn]
// Batches of a minute over three hours, 100,000 keys; a window is an hour. CPU seconds of this process, best of the
// rounds, which take turns. Rows are made as reduce makes them and thrown away. A window that slides every minute
// writes 60 times as many, whatever it costs to know them: so the same is also measured without writing rows.

import { bundled } from './bundle.js';

const millions = Number(process.argv[2] ?? 5);
const rounds = Number(process.argv[3] ?? 3);
const only = process.argv[4];
const { failOnReject, planFrom, tableMaker, WindowCore, WindowKeeper } = await bundled(
  'sliding',
  `
  export { planFrom } from './src/reduce/plan.ts';
  export { tableMaker } from './src/reduce/row-table.ts';
  export { WindowKeeper } from './src/reduce/window-keeper.ts';
  export { failOnReject } from './src/stage/rejects.ts';
  export { WindowCore } from './src/window/window.ts';`,
);

const minute = 60_000;
const settings = { partSize: 1024 ** 2, caveats: new Set() };
const batches = 180;
const perBatch = Math.round((millions * 1e6) / batches);
const keys = Number(process.argv[5] ?? 100_000);
// With a sixtieth of the keys new in each batch, so that none stays for longer than a window.
const newKeys = process.argv[6] === 'churn' ? Math.floor(keys / 60) : 0;

let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
const inputs = Array.from({ length: batches }, (_, batch) => {
  const records = Array.from(
    { length: perBatch },
    () => `{"k":"key${Math.floor(random() * keys) + batch * newKeys}","x":${Math.floor(random() * 1000)}}`,
  );
  const [from, to] = [batch * minute, (batch + 1) * minute];
  return {
    header: { v: 1, batch, part: 0, last: true, n: perBatch, from, to },
    payload: Buffer.from(records.join(',')),
  };
});

/**
 * @param {string[]} expressions
 * @param {number} slide
 * @param {boolean} writes
 */
function run(expressions, slide, writes) {
  const windows = new WindowCore({ size: 60 * minute, slide });
  const plan = planFrom({ by: ['k'], words: false, partial: false }, expressions);
  const keeper = new WindowKeeper(plan, tableMaker(plan, undefined), failOnReject);
  const before = process.cpuUsage();
  let rows = 0;
  for (const input of inputs) {
    for (const envelope of windows.accept(input, 0)) {
      keeper.fold(envelope, 0);
      for (const closed of keeper.close(envelope.header)) {
        if (writes) for (const piece of closed.rows.rows(settings)) rows += piece.count;
        closed.rows.free();
      }
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, rows };
}

const works = [['count'], ['sum(x)'], ['p99(x)'], ['count', 'avg(x)'], ['max(x)']].filter(
  (expressions) => only === undefined || expressions.join(' ') === only,
);
const ways = [
  { name: 'side by side', slide: 60 * minute, writes: true },
  { name: 'sliding, no rows', slide: minute, writes: false },
  { name: 'sliding', slide: minute, writes: true },
];

process.stdout.write(`${inputs.length * perBatch} events, ${keys} keys, ${batches} batches\n`);
for (const expressions of works) {
  try {
    planFrom({ by: ['k'], words: false, partial: false }, expressions);
  } catch {
    continue;
  }
  const best = ways.map(() => ({ seconds: Infinity, rows: 0 }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { slide, writes }] of ways.entries()) {
      const result = run(expressions, slide, writes);
      if (result.seconds < best[index].seconds) best[index] = result;
    }
  }
  for (const [index, { name }] of ways.entries()) {
    const { seconds, rows } = best[index];
    const ratio = (seconds / best[0].seconds).toFixed(2);
    process.stdout.write(
      `${expressions.join(' ').padEnd(14)} ${name.padEnd(18)} ${seconds.toFixed(2).padStart(7)} s  ${ratio.padStart(6)} x  ${rows} rows\n`,
    );
  }
}
