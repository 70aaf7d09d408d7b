// What `sluice doctor` finds, and what it says to do.
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkKernel, checkNode, checkTerminal } from '../../src/doctor/machine.ts';
import { runShell } from '../helpers/shell.ts';
import { user } from '../postgres/cluster.js';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

test.each([
  ['20.19.0', undefined],
  ['20.18.9', 'install Node 20.19 or newer'],
  ['18.20.0', 'install Node 20.19 or newer'],
  ['24.0.0', undefined],
])('Node %s', (version, advice) => expect(checkNode(version).advice).toBe(advice));

test('a kernel that is missing, or that Node cannot run', () => {
  const folder = temporaryFolder();
  expect(checkKernel(join(folder, 'none.wasm'))).toMatchObject({
    exitCode: 66,
    advice: expect.stringContaining('install'),
  });
  writeFileSync(join(folder, 'bad.wasm'), 'no module');
  expect(checkKernel(join(folder, 'bad.wasm'))).toMatchObject({ exitCode: 69 });
});

test.each([
  [{ isTTY: true, columns: 80, rows: 24 }, { TERM: 'xterm', LANG: 'C.UTF-8' }, undefined],
  [{ isTTY: true, columns: 80, rows: 24 }, { TERM: 'dumb', LANG: 'en_US.utf8' }, 'set TERM'],
  [{ isTTY: true, columns: 80, rows: 24 }, { TERM: 'xterm', LANG: 'C' }, 'set LANG'],
  [{ isTTY: true, columns: 80, rows: 24 }, { TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'POSIX' }, 'set LANG'],
  [{ isTTY: true, columns: 60, rows: 24 }, { TERM: 'xterm', LANG: 'C.UTF-8' }, '80×24'],
  [{ isTTY: false }, {}, undefined],
])('a terminal %j with %j', (screen, environment, advice) => {
  const found = checkTerminal(screen, environment, () => true);
  if (advice === undefined) expect(found.advice).toBeUndefined();
  else expect(found.advice).toContain(advice);
  expect(found.exitCode).toBeUndefined();
});

/** Answers everything with `text`. */
async function answering(text: string): Promise<number> {
  const server: Server = createServer((socket) =>
    socket.on('error', () => undefined).on('data', () => socket.write(text)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

describe('sluice doctor', () => {
  test('is content with Node, the kernel, a new state folder and a new database', async () => {
    const { stdout, exits } = await runShell('SLUICE_STATE=new/state sluice doctor sqlite:new.db');
    expect(stdout).toMatch(
      /^ok {3}node {6}Node \d.*\nok {3}kernel {4}WebAssembly with SIMD\nok {3}terminal {2}standard output is none: .*\nok {3}state {5}new\/state is not there yet, and can be made\nok {3}sqlite {4}new.db is not there yet, and can be made\n$/,
    );
    expect(exits).toEqual([0]);
  });

  test('makes nothing of what it looks at', async () => {
    const { stdout } = await runShell('sluice doctor --state s sqlite:a.db >/dev/null; ls');
    expect(stdout).toBe('fixtures\n');
  });

  test('knows a job from its state, and where that is damaged', async () => {
    const { stdout, exits } = await runShell(
      'cp fixtures/app.log .; sluice run "ingest app.log --state s | batch --records 2 | reduce count | emit --format ndjson" >/dev/null; sluice doctor --state s; echo x > s/job.json; sluice doctor --state s',
    );
    expect(stdout).toMatch(/^ok +state +s is whole$/m);
    expect(stdout).toMatch(/^BAD +state +s is damaged\n +→ see `sluice state check s`$/m);
    expect(exits).toEqual([74]);
  });

  test('says of what is no PostgreSQL, or is not there, that it cannot be reached', async () => {
    const other = await answering('HTTP/1.1 400 Bad Request\r\n\r\n');
    const { stdout, exits } = await runShell(
      `sluice doctor postgres://me@127.0.0.1:${other}/db postgresql://me@127.0.0.1:1/db`,
    );
    expect(stdout).toMatch(new RegExp(`BAD {2}postgres {2}.*127.0.0.1:${other}`));
    expect(stdout).toMatch(
      /BAD {2}postgres {2}cannot reach .*127.0.0.1:1.*ECONNREFUSED.*\n +→ is it running/,
    );
    expect(exits).toEqual([69]);
  });

  test('finds no Kafka where there is none, soon', async () => {
    const { stdout, exits, milliseconds } = await runShell('sluice doctor kafka://127.0.0.1:1/t');
    expect(stdout).toMatch(/^BAD +kafka +kafka:\/\/127.0.0.1:1\/t cannot be reached: /m);
    expect(exits).toEqual([69]);
    expect(milliseconds).toBeLessThan(40_000);
  });

  test('says of a damaged database, and of an unknown word, what is wrong', async () => {
    const { stdout, stderr, exits } = await runShell(
      'seq 1000 > no.db; sluice doctor sqlite:no.db; sluice doctor ftp://x',
    );
    expect(stdout).toMatch(/^BAD +sqlite +.*no.db/m);
    expect(stderr).toMatch(/^sluice doctor: what is 'ftp:\/\/x'\?\n {2}hint: it is one of kafka:/);
    expect(exits).toEqual([2]);
  });

  test('says where a place cannot be written', async () => {
    const { stdout, exits } = await runShell('touch file; sluice doctor --state file/state');
    expect(stdout).toMatch(/^BAD +state +file\/state: .*\n +→ /m);
    expect(exits).toEqual([73]);
  });

  test.each([
    ['touch s; sluice doctor --state s', /^BAD +state +s: \/.*\/s is no folder\n +→ name another place/m],
    ['touch s; chmod 755 s; sluice doctor --state s/t', /^BAD +state +s\/t: \/.*\/s is no folder\n/m],
    [
      'sluice doctor sqlite:nodir/x.db',
      /^BAD +sqlite +cannot write to nodir\/x.db: its folder does not exist\n +→ make it first: mkdir -p nodir\n/m,
    ],
  ])('%s: says what is in the way', async (line, said) => {
    const { stdout, exits } = await runShell(line);
    expect(stdout).toMatch(said);
    expect(exits).toEqual([73]);
  });
});

describeWithPostgres('sluice doctor and a PostgreSQL', (cluster) => {
  test('logs in as a job would', async () => {
    const { address, port } = cluster();
    const asAlice = address.replace('postgres@', `${user.name}@`);
    const { stdout, exits } = await runShell(`sluice doctor ${address} ${asAlice} ${address}_gone`, {
      environment: { PGPASSWORD: 'wrong' },
    });
    expect(stdout).toContain(`ok   postgres  127.0.0.1:${port} lets postgres in, to postgres\n`);
    expect(stdout).toMatch(/BAD {2}postgres {2}.* does not let alice in: .*\n +→ look at the password/);
    expect(stdout).toMatch(/BAD {2}postgres {2}.*"postgres_gone" does not exist\n +→ make it: createdb/);
    expect(exits).toEqual([77]);
  });

  test('says whether tables can be made', async () => {
    const { address } = cluster();
    await cluster().query('CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA public TO reader');
    const line = `sluice doctor ${address.replace('postgres@', 'reader@')}`;
    expect(await runShell(line)).toMatchObject({
      stdout: expect.stringMatching(
        /note postgres {2}.* lets reader in, .*, but no tables can be made there, in schema public\n +→ .*GRANT CREATE ON SCHEMA "public" TO "reader"\n/,
      ),
      exits: [0],
    });
    await cluster().query('GRANT CREATE ON SCHEMA "public" TO "reader"');
    expect((await runShell(line)).stdout).toMatch(/^ok {3}postgres {2}.* lets reader in, to postgres$/m);
  });
});
