// Real sockets: Unix sockets, datagrams, syslog, HTTP, calls of Flume that are none, and TLS.
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { peakMemory, until } from '../helpers/processes.ts';
import { runShell, startShell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { closed, connected, Job, send } from '../helpers/sockets.ts';

type Certificate = { keyFile: string; certFile: string; cert: string };

async function certificate(): Promise<Certificate> {
  // A certificate for localhost, signed by itself: made for this test, good for nothing else.
  const shell = startShell(
    'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null; exec sleep 50',
  );
  onTestFinished(() => shell.signal('SIGKILL'));
  const [keyFile, certFile] = [join(shell.folder, 'key.pem'), join(shell.folder, 'cert.pem')];
  const cert = await until('there is a certificate', () => {
    const text = readFileSync(certFile, 'utf8');
    return text.includes('END CERT') ? text : undefined;
  });
  return { keyFile, certFile, cert };
}

test('unix sockets: of who listens, also where one that was killed left its own behind', async () => {
  const path = join(temporaryFolder(), 'socket');
  for (const round of [1, 2]) {
    const job = new Job(`unix-listen:${path}`);
    const socket = await until('it takes connections', async () => {
      const tried = connect(path);
      tried.on('error', () => undefined);
      const isThere = await Promise.race([
        once(tried, 'connect').then(
          () => true,
          () => false,
        ),
        closed(tried).then(() => false),
      ]);
      return isThere ? tried : undefined;
    });
    socket.end(`round ${round}\n`);
    expect(await job.rows(1)).toEqual([`"round ${round}"`]);
    process.kill(job.ingest.pid, 'SIGKILL');
    await job.shell.done;
  }
  expect(existsSync(path)).toBe(true);
});

test('unix sockets: a file that is no socket is left alone', async () => {
  const path = join(temporaryFolder(), 'notes');
  writeFileSync(path, 'precious');
  const { stderr, exits } = await runShell(`sluice ingest unix-listen:${path} > envelopes`);
  expect({ stderr, exits }).toEqual({
    stderr: `sluice ingest: ${path}: what is there is no socket\n  hint: name another path, or take it away\n`,
    exits: [73],
  });
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

test('udp-listen: a datagram is lines, or with syslog a message', async () => {
  const [plain, syslog] = [
    new Job('udp-listen://:0'),
    new Job('--format syslog --fields message udp-listen://:0'),
  ];
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.send('one\ntwo', await plain.port(), '127.0.0.1');
  socket.send('<34>1 2026-03-01T10:00:00Z web app - ID47 - two\nlines', await syslog.port(), '127.0.0.1');
  expect(await plain.rows(2)).toEqual(['"one"', '"two"']);
  expect(await syslog.rows(1)).toEqual(['{"message":"two\\nlines"}']);
});

test('udp-listen: what the system drops is told of at once, and counted', async () => {
  const job = new Job('udp-listen://:0');
  const [socket, port] = [createSocket('udp4'), await job.port()];
  onTestFinished(() => void socket.close());
  // While it stands still the system keeps 4 MiB at most.
  process.kill(job.ingest.pid, 'SIGSTOP');
  const datagram = 'x'.repeat(1000);
  let sent = 0;
  const sendOne = (text: string): Promise<void> =>
    new Promise((resolve) => {
      sent += 1;
      socket.send(text, port, '127.0.0.1', () => resolve());
    });
  for (let round = 0; round < 200; round += 1)
    await Promise.all(Array.from({ length: 100 }, () => sendOne(datagram)));
  process.kill(job.ingest.pid, 'SIGCONT');
  await until('it says so', () => (job.read('said').includes('are dropped') ? true : undefined));
  // Once the last one that was sent has come, nothing is on its way.
  for (let isThrough = false; !isThrough;) {
    const last = `datagram ${sent}`;
    await sendOne(last);
    isThrough = await until(
      'it comes',
      () => (job.read('out').includes(last) ? true : undefined),
      2000,
    ).catch(() => false);
  }
  const { rows, said } = await job.stop();
  const lost = sent - rows.length;
  expect(lost).toBeGreaterThan(0);
  expect(said).toEqual([
    'sluice ingest: udp-listen://:0: datagrams are dropped, since the pipeline is too slow',
    `sluice ingest: udp-listen://:0: ${lost} datagrams were dropped, since the pipeline was too slow`,
    expect.stringContaining('net.core.rmem_max'),
  ]);
});

test('udp-listen: a message of syslog that is longer than --max-record is cut off', async () => {
  const job = new Job('--format syslog --fields message --max-record 30 udp-listen://:0');
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const line = `<13>Oct 11 22:14:15 h app: ${'é'.repeat(10)}`;
  socket.send(line, await job.port(), '127.0.0.1');
  expect(await job.rows(1)).toEqual(['{"message":"é"}']);
  expect((await job.stop()).said).toEqual([
    'sluice ingest: 1 line was cut off at 30 bytes',
    expect.stringContaining('--max-record'),
  ]);
});

test('syslog over TCP, with lengths and with lines, of RFC 3164 and 5424', async () => {
  const job = new Job('--format syslog --fields hostname,message tcp-listen://:0');
  const port = await job.port();
  const modern = '<34>1 2026-03-01T10:00:00Z web app - ID47 - a\nb';
  await send(port, `${modern.length} ${modern}${modern.length} ${modern}`);
  await send(port, '<34>Mar  1 10:00:00 mail su: failed\n<34>Mar  1 10:00:01 mail su: again\n');
  await send(port, 'no syslog at all'.padStart(40, '9'));
  expect(await job.rows(4)).toEqual([
    '{"hostname":"web","message":"a\\nb"}',
    '{"hostname":"web","message":"a\\nb"}',
    '{"hostname":"mail","message":"failed"}',
    '{"hostname":"mail","message":"again"}',
  ]);
  const { said } = await job.stop();
  expect(said).toEqual([expect.stringContaining('sent no syslog')]);
});

test('syslog over TCP: what stands in front of garbage is taken', async () => {
  const job = new Job('--format syslog tcp-listen://:0');
  const line = (text: string): string => `<13>Oct 11 22:14:15 h app: ${text}\n`;
  await send(await job.port(), `${line('one')}${line('two')}9x garbage\n`);
  expect(await job.rows(2)).toEqual([expect.stringContaining('one'), expect.stringContaining('two')]);
  expect((await job.stop()).said).toEqual([expect.stringContaining('sent no syslog')]);
});

describe('flume', () => {
  /** Integers of 32 bits. */
  function integers(...values: number[]): Buffer {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, 4 * index);
    return bytes;
  }

  test('frames in buffers of one byte, and pings whose answers nobody reads, take little memory', async () => {
    const job = new Job('flume://:0');
    const port = await job.port();
    const buffers = Buffer.concat(Array.from({ length: 200_000 }, () => Buffer.from([0, 0, 0, 1, 0])));
    const hostile = await Promise.all(Array.from({ length: 60 }, () => connected(port)));
    for (const socket of hostile) {
      socket.write(integers(1, 1_000_000));
      socket.write(buffers);
    }
    await until('those that hold too much are let go', () =>
      job.read('said').includes('all clients together hold') ? true : undefined,
    );
    hostile.forEach((socket) => socket.destroy());
    // Each is answered with all of the protocol.
    const ping = Buffer.concat([integers(1, 1, 36), Buffer.alloc(36)]);
    const pings = Buffer.concat(Array.from({ length: 20_000 }, () => ping));
    const deaf = await Promise.all(Array.from({ length: 100 }, () => connected(port)));
    for (const socket of deaf) {
      socket.pause();
      socket.write(pings);
    }
    await until('they are let go', () =>
      job.read('said').includes('does not read its answers') ? true : undefined,
    );
    // Most of it is what is to be cleared away, which newer versions of Node let lie for longer.
    const most = Number(process.versions.node.split('.')[0]) < 24 ? 350 : 900;
    expect(peakMemory(job.ingest)).toBeLessThan(most * 1024 * 1024);
    deaf.forEach((socket) => socket.destroy());
    await job.stop();
  });

  test('one line for each kind of fault, and the next good client is served', async () => {
    const job = new Job('flume://:0 --idle-timeout 2s');
    const port = await job.port();
    const halfOpen = await connected(port);
    const truncated = await connected(port);
    truncated.write(Buffer.concat([integers(1, 1, 1000), Buffer.alloc(10)]));
    for (let time = 0; time < 3; time += 1) {
      await send(port, integers(1, 1, 2 ** 31));
      await send(port, Buffer.alloc(1000, 0xff));
      await send(port, 'GET / HTTP/1.1\r\n\r\n');
      await send(port, Buffer.concat([integers(1, 1, 3), Buffer.from([1, 2, 3])]));
      await send(port, Buffer.from([0x16, 3, 1, 2, 0, 1, 0]));
      await send(port, Buffer.from([0x78, 0x9c, 1, 2, 3, 4, 5, 6, 7, 8]));
      await send(port, Buffer.concat([integers(1, 1, 1000), Buffer.alloc(10)]));
    }
    // Pings, whose answers nobody reads.
    const deaf = await connected(port);
    deaf.pause();
    const ping = Buffer.concat([integers(1, 1, 36), Buffer.alloc(36)]);
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping));
    for (let left = 1000; left > 0 && !deaf.closed && !deaf.errored; left -= 1)
      if (!deaf.write(pings)) await Promise.race([once(deaf, 'drain').catch(() => undefined), closed(deaf)]);
    await Promise.all([closed(truncated), closed(halfOpen)]);
    const good = `seq 3 | sluice ingest | sluice batch --once | sluice emit flume://127.0.0.1:${port}`;
    expect(await runShell(good)).toMatchObject({ stderr: '', exits: [0, 0, 0, 0] });
    expect(await job.rows(3)).toEqual(['"1"', '"2"', '"3"']);
    const { said } = await job.stop();
    const kinds = said.map((line) =>
      line
        .replace(/^sluice ingest: flume:\/\/:0: (127.0.0.1:\d+ )?/, '')
        .replace(/for 2(\.\d)? s$/, 'for 2 s'),
    );
    expect(kinds.sort()).toEqual(
      [
        'sent what is no frame of Avro: a frame of 2147483648 bytes is longer than 32 MiB',
        'sent a call that cannot be read: 16 bytes are told, and there are 3',
        'speaks TLS: a certificate is needed for that: --tls-cert, --tls-key',
        'sent packed bytes that are damaged: invalid stored block lengths',
        'broke off within a call',
        'does not read its answers',
        'has not ended what it began: for 2 s',
        '9 clients in all: sent what is no frame of Avro',
        '3 clients in all: sent a call that cannot be read',
        '3 clients in all: speaks TLS',
        '3 clients in all: sent packed bytes that are damaged',
        '3 clients in all: broke off within a call',
      ].sort(),
    );
  });
});

test('TLS: clients with a certificate are served, others are told of', async () => {
  const { keyFile, certFile, cert } = await certificate();
  const key = readFileSync(keyFile, 'utf8');
  const job = new Job(`tcp-listen://:0 --tls-cert ${certFile} --tls-key ${keyFile} --tls-ca ${certFile}`);
  const port = await job.port();
  const good = connectTls({ port, host: 'localhost', ca: cert, cert, key });
  good.end('secret\n');
  await job.rows(1);
  await send(port, 'plain text\n');
  const anonymous = connectTls({ port, host: 'localhost', ca: cert });
  anonymous.on('error', () => undefined);
  anonymous.resume();
  await closed(anonymous);
  const { said } = await job.stop();
  expect(said[0]).toMatch(/speaks no TLS that is wanted here: /);
  expect(said[1]).toMatch(/clients in all: speaks no TLS that is wanted here$/);
});

test('TLS: to whoever listens, if it is trusted', async () => {
  const { keyFile, certFile, cert } = await certificate();
  const key = readFileSync(keyFile, 'utf8');
  const server = createTlsServer({ cert, key }, (socket) => socket.end('over TLS\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const line = `sluice ingest --exit-on-eof --patience 1ms tcp://localhost:${port}`;
  const rest = 'sluice batch --once | sluice emit --format ndjson';
  expect(await runShell(`${line} --tls-ca ${certFile} | ${rest}`)).toMatchObject({
    stdout: '"over TLS"\n',
    stderr: '',
    exits: [0, 0, 0],
  });
  const { stderr, exits } = await runShell(`${line} --tls | ${rest}`);
  expect(exits[0]).toBe(69);
  expect(stderr).toContain('self');
});
