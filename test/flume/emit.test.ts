// Rows to a real Flume agent, which writes them into files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, makeStores, storePassword } from '../helpers/java.js';
import { until } from '../helpers/processes.ts';
import { runShell, startShell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { startAgent, type AgentSettings } from './agent.js';
import { describeWithFlume } from './with-agent.ts';

type Agent = Awaited<ReturnType<typeof startAgent>>;

async function agentWith(settings: Omit<AgentSettings, 'to' | 'source'>): Promise<Agent> {
  const agent = await startAgent({ to: 1, source: 'avro', ...settings });
  onTestFinished(() => agent.stop());
  return agent;
}

function written({ written: folder }: Agent): string[] {
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1),
  );
}

/** What the agent has written, sorted, once it is so many rows. */
function rowsOf(agent: Agent, count: number): Promise<string[]> {
  return until(`the agent has ${count} rows`, () => {
    const rows = written(agent);
    return rows.length >= count ? rows.sort() : undefined;
  });
}

describeWithFlume('emit flume://', () => {
  test.each([
    ['as they are', {}, ''],
    ['packed', { 'compression-type': 'deflate' }, '--compression deflate'],
  ])('rows %s, and rows that are text', async (_, more, options) => {
    const agent = await agentWith({ more });
    const to = `flume://127.0.0.1:${agent.port}`;
    const line = `seq 1 1234 | sluice ingest | sluice batch --records 500 | sluice emit ${options} ${to}`;
    expect(await runShell(line)).toMatchObject({ stderr: '', exits: [0, 0, 0, 0] });
    const numbers = Array.from({ length: 1234 }, (__, index) => String(index + 1));
    expect(await rowsOf(agent, 1234)).toEqual(numbers.sort());
    const words = `printf 'a b\\na' | sluice run 'ingest | batch --once | reduce --words | emit ${options} ${to}'`;
    expect(await runShell(words)).toMatchObject({ stderr: '', exits: [0, 0] });
    expect((await rowsOf(agent, 1236)).slice(-2)).toEqual([
      '{"word":"a","count":2}',
      '{"word":"b","count":1}',
    ]);
  });

  test.each([
    ['as it comes', {}, ''],
    ['packed', { 'compression-type': 'deflate' }, '--compression deflate'],
  ])('over TLS, to an agent that is trusted, %s', async (_, packing, options) => {
    const stores = makeStores(temporaryFolder());
    const agent = await agentWith({
      more: {
        ssl: true,
        keystore: stores.keystore,
        'keystore-password': storePassword,
        'keystore-type': 'PKCS12',
        ...packing,
      },
    });
    const to = `flume://127.0.0.1:${agent.port}`;
    const line = `seq 3 | sluice ingest | sluice batch --once | sluice emit --patience 2s ${options}`;
    expect(await runShell(`${line} --tls-ca ${stores.certificate} ${to}`)).toMatchObject({ stderr: '' });
    expect(await rowsOf(agent, 3)).toEqual(['1', '2', '3']);
    const { stderr, exits } = await runShell(`${line} --tls ${to}`);
    expect(exits.at(-1)).toBe(69);
    expect(stderr).toContain('self');
  });

  test('an agent that is killed and comes back has all rows', async () => {
    const agent = await agentWith({ channel: 'file' });
    const shell = startShell(
      `while ! [ -e done ]; do seq 1 20000 > in; sluice ingest in --state state | sluice batch --records 200 | sluice emit flume://127.0.0.1:${agent.port} 2>/dev/null && touch done; done`,
    );
    onTestFinished(() => shell.signal('SIGKILL'));
    await rowsOf(agent, 1);
    await agent.kill();
    await agent.start();
    await shell.done;
    await until('all rows are there', () => (new Set(written(agent)).size === 20_000 ? true : undefined));
  });

  test('sluice is an agent to sluice', async () => {
    const [port] = (await freePorts(1)) as [number];
    const shell = startShell(
      `sluice ingest --format json flume://:${port} | sluice batch 100ms | sluice emit --format ndjson | (trap '' INT; exec tee out)`,
    );
    onTestFinished(() => shell.signal('SIGKILL'));
    const sent = `seq 5 | sluice ingest | sluice batch --once | sluice reduce count | sluice emit --compression deflate flume://127.0.0.1:${port}`;
    expect(await runShell(sent)).toMatchObject({ exits: [0, 0, 0, 0, 0] });
    await until('it is there', () => {
      return readFileSync(join(shell.folder, 'out'), 'utf8') === '{"count":5}\n' ? true : undefined;
    });
  });
});

test('whom nobody answers is told so, in one line and a hint', async () => {
  const { stderr, exits } = await runShell(
    'sluice ingest fixtures/app.log | sluice batch --once | sluice emit --patience 50ms flume://127.0.0.1:1',
  );
  expect(exits.at(-1)).toBe(69);
  expect(stderr).toBe(
    'sluice emit: flume://127.0.0.1:1 does not take any events: connect ECONNREFUSED 127.0.0.1:1\n  hint: is there an Avro source of a Flume agent, and does it speak TLS or not, packed or not, as this does?\n',
  );
});
