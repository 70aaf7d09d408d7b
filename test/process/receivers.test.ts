// Real sockets: lines of clients, also of those that do what they should not, and of whoever is connected to.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { peakMemory, signalStages, type Stage, stagesOf, until } from '../helpers/processes.ts';
import { startShell } from '../helpers/shell.ts';
import { closed, connected, harmless, Job, portIn, send } from '../helpers/sockets.ts';

describe('tcp-listen', () => {
  test('lines of several clients are whole, and the last needs no end', async () => {
    const job = new Job('tcp-listen://:0');
    const port = await job.port();
    const [one, other] = [await connected(port), await connected(port)];
    one.write('one ');
    other.write('other\n');
    await job.rows(1);
    one.write('line\r\nand ');
    await job.rows(2);
    one.end('more');
    await job.rows(3);
    expect(await job.stop()).toEqual({
      rows: ['"other"', '"one line"', '"and more"'],
      said: [],
    });
  });

  test('a line is there within a moment, and what came before a signal drains', async () => {
    const job = new Job('tcp-listen://:0', { batch: '1h' });
    const socket = await connected(await job.port());
    socket.write('read before the signal\n');
    // Its block has to have left ingest; batch keeps it for an hour.
    await sleep(500);
    expect((await job.stop()).rows).toEqual(['"read before the signal"']);
  });

  test('a port that is taken is told', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const shell = startShell(`sluice ingest tcp-listen://:${port} >out`);
    const { stderr, exits } = await shell.done;
    expect(stderr).toMatch(/^sluice ingest: tcp-listen:\/\/:\d+: another process listens there\n {2}hint: /);
    expect(exits).toEqual([69]);
  });

  test('1,000 connections that begin a line and do not end it: memory is bounded, and the next client is served', async () => {
    const job = new Job('tcp-listen://:0 --idle-timeout 20s');
    const port = await job.port();
    await send(port, 'before\n');
    await job.rows(1);
    const half = Buffer.alloc(256 * 1024, 'x');
    const hostile = await Promise.all(Array.from({ length: 1000 }, () => connected(port)));
    for (const socket of hostile) socket.write(half);
    await send(port, 'after\n');
    await job.rows(2);
    // All of it was sent, or nobody takes it.
    await until('those that hold too much are let go', () =>
      job.read('said').includes('has not ended what it began') ? true : undefined,
    );
    await send(port, 'at last\n');
    await job.rows(3);
    expect(peakMemory(job.ingest)).toBeLessThan(250 * 1024 * 1024);
    const { rows, said } = await job.stop();
    expect(rows.slice(0, 3)).toEqual(['"before"', '"after"', '"at last"']);
    const [first, ...others] = said.filter((line) => line.includes('has not ended what it began'));
    expect(first).toMatch(/has not ended what it began: all clients together hold 64 MiB of such$/);
    // The others are counted, at the end.
    expect(others).toHaveLength(1);
  });

  test('more than --max-connections: who never sent anything whole makes room, others keep their place', async () => {
    const job = new Job('tcp-listen://:0 --max-connections 2');
    const port = await job.port();
    const good = await connected(port);
    good.write('good\n');
    await job.rows(1);
    const silent = await connected(port);
    const silentIsGone = closed(silent);
    const late = await connected(port);
    late.write('late\n');
    await job.rows(2);
    await silentIsGone;
    const refused = await connected(port);
    await closed(refused);
    good.write('good again\n');
    await job.rows(3);
    const { said } = await job.stop();
    expect(said).toEqual([
      expect.stringMatching(/ sent nothing whole, and others want its place$/),
      expect.stringMatching(/ came when there were as many as --max-connections allows$/),
    ]);
  });

  test('--idle-timeout: who dribbles is let go and told of, who is silent is let go, who sends lines is not', async () => {
    const job = new Job('tcp-listen://:0 --idle-timeout 1s');
    const port = await job.port();
    const [dribbling, silent, good] = [await connected(port), await connected(port), await connected(port)];
    const gone = Promise.all([closed(dribbling), closed(silent)]);
    const dribble = setInterval(() => dribbling.write('x'), 50);
    const lines = setInterval(() => good.write('line\n'), 100);
    onTestFinished(() => {
      clearInterval(dribble);
      clearInterval(lines);
    });
    await gone;
    expect(good.closed).toBe(false);
    const { said } = await job.stop();
    expect(said).toEqual([expect.stringMatching(/ has not ended what it began: for \d(\.\d)? s$/)]);
  });

  test('a reader that is slow holds the clients back, in little memory; nothing is lost', async () => {
    const shell = startShell(
      'sluice ingest tcp-listen://:0 2>said | (sleep 3; sluice batch --once) | sluice reduce count | sluice emit --format ndjson',
    );
    const port = await portIn(shell, 'said');
    const socket = await connected(port);
    const lines = 400_000;
    let memory = 0;
    const ingest = stagesOf(shell).find(({ name }) => name === 'ingest') as Stage;
    for (let index = 0; index < lines; index += 1000)
      if (!socket.write('x'.repeat(99).concat('\n').repeat(1000))) await once(socket, 'drain');
    memory = peakMemory(ingest);
    socket.end();
    await closed(socket.resume());
    await sleep(200);
    shell.signal('SIGINT');
    const { stdout } = await shell.done;
    expect(JSON.parse(stdout)).toEqual({ count: lines });
    expect(memory).toBeLessThan(200 * 1024 * 1024);
  });
});

test('--max-rate holds clients back, and what was taken before a signal still comes', async () => {
  const job = new Job('tcp-listen://:0 --max-rate 100', { batch: '50ms' });
  const socket = await connected(await job.port());
  const started = performance.now();
  socket.write('line\n'.repeat(150));
  await job.rows(50);
  expect(performance.now() - started).toBeGreaterThan(300);
  expect((await job.stop()).rows).toHaveLength(150);
});

describe('tcp', () => {
  test('connects again when the other side goes away, and to one that comes later', async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const job = new Job(`tcp://127.0.0.1:${port}`, { environment: { SLUICE_RECONNECT: '100' } });
    await until('it says so', () => (job.read('said').includes('ECONNREFUSED') ? true : undefined));
    const texts = ['first\nhalf', 'second\n'];
    server.on('connection', (socket) => harmless(socket).end(texts.shift() ?? 'more\n'));
    server.listen(port, '127.0.0.1');
    onTestFinished(() => void server.close());
    expect((await job.rows(3)).slice(0, 3)).toEqual(['"first"', '"half"', '"second"']);
    expect((await job.stop()).said).not.toContain('failed');
  });

  test('--exit-on-eof ends with the connection', async () => {
    const server = createServer((socket) => harmless(socket).end('a b a\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { stdout, stderr, exits } = await startShell(
      `sluice ingest --exit-on-eof tcp://localhost:${port} | sluice batch --once | sluice reduce --words | sluice emit --format csv`,
    ).done;
    expect({ stdout, stderr, exits }).toEqual({
      stdout: 'word,count\na,2\nb,1\n',
      stderr: '',
      exits: [0, 0, 0, 0],
    });
  });

  test('what a broken connection left of a line is left out', async () => {
    const server = createServer((socket) => {
      harmless(socket).write('whole\nhalf', () => setTimeout(() => socket.resetAndDestroy(), 200));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { stdout, exits } = await startShell(
      `sluice ingest --exit-on-eof tcp://127.0.0.1:${port} | sluice batch --once | sluice emit --format ndjson`,
    ).done;
    expect({ stdout, exits }).toEqual({ stdout: '"whole"\n', exits: [74, 74, 74] });
  });
});

describe('a job that keeps state', () => {
  test.each(['SIGINT', 'SIGKILL'] as const)(
    'has lines of sockets once, whatever ends its runs: %s',
    async (signal) => {
      const shell = startShell(
        'for run in 1 2 3; do sluice ingest tcp-listen://:0 --state state 2>said$run | sluice batch 50ms | sluice emit all.ndjson 2>/dev/null; done; cat all.ndjson',
      );
      onTestFinished(() => shell.signal('SIGKILL'));
      const sent: string[] = [];
      for (const run of [1, 2, 3]) {
        const socket = await connected(await portIn(shell, `said${run}`));
        for (let index = 0; index < 50; index += 1) {
          const text = `run ${run} line ${index}`;
          sent.push(text);
          socket.write(`${text}\n`);
        }
        const wal = join(shell.folder, 'state/wal/tcp-listen%3A%2F%2F%3A0/000000000000');
        await until('it is in the log', () =>
          readFileSync(wal, 'utf8').includes(`run ${run} line 49\n`) ? true : undefined,
        );
        // In the end nothing may be left to be made again.
        if (run === 3)
          await until('all of it is written', () =>
            readFileSync(join(shell.folder, 'all.ndjson'), 'utf8').includes('run 3 line 49')
              ? true
              : undefined,
          );
        const stages = stagesOf(shell);
        if (run === 3 || signal === 'SIGINT') signalStages(stages, 'SIGINT');
        else signalStages(stages.slice(0, 1), signal);
        await until('the run has ended', () =>
          stagesOf(shell).every(({ pid }) => !stages.some((stage) => stage.pid === pid)) ? true : undefined,
        );
        socket.destroy();
      }
      const { stdout } = await shell.done;
      const rows = stdout.trimEnd().split('\n');
      expect(rows.map((row) => JSON.parse(row) as string)).toEqual(sent);
    },
  );
});

describe('exec', () => {
  test('a command that ends is run again, later each time; all of its processes end with the stage', async () => {
    const job = new Job(
      `'exec:echo run; echo $$ >>pids; exec 2>/dev/null; sleep 100 >/dev/null & echo $! >>pids; [ -e last ] && wait'`,
      {
        environment: { SLUICE_EXEC_PAUSE: '100' },
      },
    );
    await job.rows(2);
    writeFileSync(join(job.shell.folder, 'last'), '');
    await until('it runs for good', () => {
      const pids = readFileSync(join(job.shell.folder, 'pids'), 'utf8').split('\n').slice(0, -1);
      const last = Number(pids.at(-2));
      return pids.length > 4 && isAlive(last) ? true : undefined;
    });
    const pids = readFileSync(join(job.shell.folder, 'pids'), 'utf8').split('\n').slice(0, -1).map(Number);
    const { said } = await job.stop();
    await until('all of it has ended', () => (pids.slice(-2).some(isAlive) ? undefined : true));
    for (const pid of pids) if (isAlive(pid)) process.kill(pid);
    expect(said[0]).toMatch(/ ended: exit status 1; run again in 0\.1 s$/);
    expect(said[1]).toMatch(/ ended: exit status 1; run again in 0\.2 s$/);
  });

  test('a command that is quiet ends with a stage that was killed', async () => {
    const job = new Job(`'exec:echo $$; exec sleep 1000'`);
    const [row = ''] = await job.rows(1);
    const pid = Number(JSON.parse(row));
    expect(isAlive(pid)).toBe(true);
    process.kill(job.ingest.pid, 'SIGKILL');
    onTestFinished(() => void (isAlive(pid) && process.kill(pid)));
    await until('it has ended', () => (isAlive(pid) ? undefined : true), 10_000);
  });

  test('what it writes before a signal ends it drains', async () => {
    const job = new Job(
      `'exec:exec 2>/dev/null; trap "echo last words; exit" TERM; echo first; while :; do sleep 0.1; done'`,
      {
        batch: '50ms',
      },
    );
    await job.rows(1);
    expect(await job.stop()).toEqual({ rows: ['"first"', '"last words"'], said: [] });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
