// What it costs to make records of the lines that a socket brings: the cutter and the kernel beside split2.
//
//   node test/bench/split.js
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import split2 from 'split2';
import { bundled } from './bundle.js';
import { median } from './measure.js';

const rounds = 7;
const megabytes = 64;

const { LineCutter, linesFormat } = await bundled(
  'split',
  "export * from './src/ingest/lines.ts'; export * from './src/ingest/formats/lines.ts';",
);

const ways = {
  kernel: async (socket) => {
    const cutter = new LineCutter(1024 * 1024 * 1024);
    const format = linesFormat.create();
    let count = 0;
    for await (const chunk of socket)
      for (const region of cutter.push(chunk))
        for (const { count: more } of format.encode(region)) count += more;
    return count;
  },
  split2: async (socket) => {
    let count = 0;
    for await (const line of socket.pipe(split2())) if (JSON.stringify(line).length > 0) count += 1;
    return count;
  },
};

/** Milliseconds of CPU; who sends is another process. */
async function measure(way, length) {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const script = `const line = Buffer.from('x'.repeat(${length - 1}) + '\\n');
    const chunk = Buffer.concat(Array.from({ length: Math.max(1, Math.floor(65536 / ${length})) }, () => line));
    const socket = require('node:net').connect(${server.address().port}, '127.0.0.1');
    let left = ${megabytes * 1024 * 1024};
    (function more() { while (left > 0) { left -= chunk.length; if (!socket.write(chunk)) return socket.once('drain', more); } socket.end(); })()`;
  const sender = spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
  const [socket] = await once(server, 'connection');
  const before = process.cpuUsage();
  const lines = await way(socket);
  const { user, system } = process.cpuUsage(before);
  server.close();
  await once(sender, 'exit');
  return { lines, milliseconds: (user + system) / 1000 };
}

for (const length of [20, 100, 1000, 1024 * 1024]) {
  const times = { kernel: [], split2: [] };
  const counts = new Set();
  for (let round = 0; round < rounds; round += 1)
    for (const [name, way] of Object.entries(ways)) {
      const { lines, milliseconds } = await measure(way, length);
      times[name].push(milliseconds);
      counts.add(lines);
    }
  if (counts.size !== 1) throw new Error(`the counts of lines differ: ${[...counts].join(' and ')}`);
  const [own, other] = [median(times.kernel), median(times.split2)];
  console.log(
    `lines of ${length} bytes, ${megabytes} MiB: ${Math.round(own)} ms of CPU, split2 ${Math.round(other)}: ${(other / own).toFixed(1)} times`,
  );
}
