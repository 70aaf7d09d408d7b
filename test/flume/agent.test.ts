// A real Flume agent, and sluice on the other side of it.
import { appendFileSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, makeStores } from '../helpers/java.js';
import { signalStages, stagesOf, until } from '../helpers/processes.ts';
import { startShell, type RunningShell } from '../helpers/shell.ts';
import { harmless } from '../helpers/sockets.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { startAgent, trusting, type AgentSettings } from './agent.js';
import { describeWithFlume } from './with-agent.ts';

const emit = 'sluice batch 100ms | sluice emit --format ndjson';

function start(line: string, environment = {}): RunningShell {
  const shell = startShell(line, { environment });
  onTestFinished(() => shell.signal('SIGKILL'));
  return shell;
}

async function agentTo(to: number, settings: Omit<AgentSettings, 'to'>): ReturnType<typeof startAgent> {
  const agent = await startAgent({ to, ...settings });
  onTestFinished(() => agent.stop());
  return agent;
}

/** Lines into the agent's netcat source. */
async function feed(port: number, lines: readonly string[]): Promise<void> {
  const socket = harmless(connect(port, '127.0.0.1')).resume();
  socket.end(lines.map((line) => `${line}\n`).join(''));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

function rowsIn(shell: RunningShell, count: number): Promise<string[]> {
  return until(`there are ${count} rows`, () => {
    const rows = readFileSync(join(shell.folder, 'out'), 'utf8').split('\n').slice(0, -1);
    return rows.length >= count ? rows : undefined;
  });
}

const lines = Array.from({ length: 2500 }, (_, index) => `${index} ünd more`);
const rows = lines.map((line) => JSON.stringify(line));

describeWithFlume('an agent', () => {
  test.each([
    ['as it comes', {}],
    ['packed', { 'compression-type': 'deflate' }],
  ])('sends its events %s, also after sluice was started anew', async (_, sink) => {
    const [to] = (await freePorts(1)) as [number];
    const line = `sluice ingest flume://127.0.0.1:${to} | ${emit} | (trap '' INT TERM; exec tee out)`;
    const first = start(line);
    const agent = await agentTo(to, { sink });
    await feed(agent.port, lines);
    expect(await rowsIn(first, lines.length)).toEqual(rows);
    first.signal('SIGINT');
    expect(await first.done).toMatchObject({ stderr: '', exits: [0, 0, 0, 0] });
    // The agent lives on, and remembers what this server's protocol was.
    const second = start(line);
    await feed(agent.port, lines);
    expect(await rowsIn(second, lines.length)).toEqual(rows);
  });

  test.each([
    ['as it comes', {}],
    ['packed', { 'compression-type': 'deflate' }],
  ])('sends headers, over TLS, of files that it follows, %s', async (_, packing) => {
    const [to] = (await freePorts(1)) as [number];
    const folder = temporaryFolder();
    const stores = makeStores(folder);
    const shell = start(
      `openssl pkcs12 -in ${stores.keystore} -passin pass:changeit -nodes -nocerts -out key.pem 2>/dev/null; sluice ingest --with-meta --tls-cert ${stores.certificate} --tls-key key.pem flume://:${to} | ${emit} | (trap '' INT TERM; exec tee out)`,
    );
    const agent = await agentTo(to, {
      source: 'taildir',
      channel: 'file',
      hasIds: true,
      sink: { ...trusting(stores), ...packing },
    });
    appendFileSync(agent.followed, '7 seven\n8 eight\n');
    expect(await rowsIn(shell, 2)).toEqual([
      '{"headers":{"id":"7"},"value":"7 seven"}',
      '{"headers":{"id":"8"},"value":"8 eight"}',
    ]);
  });

  test('is held back while the pipeline does not take anything, and told FAILED; nothing is lost', async () => {
    const [to] = (await freePorts(1)) as [number];
    const shell = start(
      `sluice ingest flume://:${to} --state state --dedup-header id | (while ! [ -e go ]; do sleep 0.1; done; exec sluice batch 100ms) | sluice reduce count | sluice emit counts.ndjson; cat counts.ndjson`,
      { SLUICE_FLUME_WAIT: '500' },
    );
    const agent = await agentTo(to, { hasIds: true, sink: { 'batch-size': 1000 } });
    const count = 60_000;
    const padding = 'x'.repeat(200);
    await feed(
      agent.port,
      Array.from({ length: count }, (_, index) => `${index} ${padding}`),
    );
    await until('it is told to try again', () =>
      /RPC.*FAILED|status.*FAILED/i.test(readFileSync(agent.log, 'utf8')) ? true : undefined,
    );
    appendFileSync(join(shell.folder, 'go'), '');
    const total = (): number => {
      try {
        const text = readFileSync(join(shell.folder, 'counts.ndjson'), 'utf8');
        return text
          .split('\n')
          .filter(Boolean)
          .reduce((sum, row) => sum + (JSON.parse(row) as { count: number }).count, 0);
      } catch {
        return 0;
      }
    };
    await until('all are counted', () => (total() >= count ? true : undefined));
    // Nothing comes twice, either.
    await sleep(1000);
    expect(total()).toBe(count);
    signalStages(stagesOf(shell), 'SIGINT');
    await shell.done;
  });
});
