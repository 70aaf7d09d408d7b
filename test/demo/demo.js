// `npm run demo`: writes a live log, and counts its words every second over a sliding window. The pipeline is the
// one from the README; only the log is made up. Ends by itself, or with Ctrl-C.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const seconds = Number(process.argv[2] ?? 30);
const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
const log = join(folder, 'app.log');
const pipeline = [
  'tail -n +1 -F app.log 2>/dev/null',
  'sluice ingest',
  'sluice batch 1s',
  'sluice reduce --words',
  'sluice window 10s --slide 1s',
  'sluice reduce',
  'sluice emit --sort count --top 12',
];

const services = ['cart', 'search', 'login', 'checkout', 'search', 'search', 'cart', 'image'];
const levels = ['INFO', 'INFO', 'INFO', 'INFO', 'WARN', 'ERROR'];
const results = ['ok', 'ok', 'ok', 'ok', 'slow', 'timeout', 'declined'];
const pick = (words) => words[Math.floor(Math.random() * words.length)];
const line = () => `${pick(levels)} ${pick(services)} ${pick(results)}\n`;

writeFileSync(log, '');
symlinkSync(fileURLToPath(new URL('../../bin/sluice.js', import.meta.url)), join(folder, 'sluice'));
process.stderr.write(`${pipeline.join(' \\\n  | ')}\n\n`);
const shell = spawn('bash', ['-c', pipeline.join(' | ')], {
  cwd: folder,
  stdio: 'inherit',
  // In a group of its own, so that the end of the demo reaches every stage as Ctrl-C would.
  detached: true,
  env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
});

const writing = setInterval(() => {
  const lines = Array.from({ length: 20 + Math.floor(Math.random() * 60) }, line);
  appendFileSync(log, lines.join(''));
}, 50);

function finish() {
  clearInterval(writing);
  try {
    if (shell.pid) process.kill(-shell.pid, 'SIGINT');
  } catch {
    // The pipeline is over already.
  }
}

const timer = setTimeout(finish, seconds * 1000);
process.on('SIGINT', finish);
process.on('SIGTERM', finish);
shell.on('exit', (code) => {
  clearInterval(writing);
  clearTimeout(timer);
  rmSync(folder, { recursive: true });
  process.exitCode = code === 130 ? 0 : code;
});
