// Real posts: what is taken of them, what is answered, and clients that do what they should not.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { peakMemory, until } from '../helpers/processes.ts';
import { startShell } from '../helpers/shell.ts';
import { closed, connected, Job, portIn, post, send, type Answer } from '../helpers/sockets.ts';

describe('http-listen', () => {
  test('clients that send nothing make room for others', async () => {
    const job = new Job('http-listen://:0 --max-connections 50');
    const port = await job.port();
    const silent = await Promise.all(Array.from({ length: 60 }, () => connected(port)));
    silent.forEach((socket) => socket.on('error', () => undefined));
    expect(await post(port, 'good\n')).toEqual({ code: 200, text: 'ok' });
    expect(await job.rows(1)).toEqual(['"good"']);
    silent.forEach((socket) => socket.destroy());
    const { said } = await job.stop();
    expect(said).toEqual([
      expect.stringContaining('sent nothing whole, and others want its place'),
      expect.stringContaining('11 clients in all: sent nothing whole'),
    ]);
  });

  test('many requests of one connection leave nothing behind', async () => {
    const job = new Job('http-listen://:0');
    const port = await job.port();
    const socket = await connected(port);
    const body = `${'x'.repeat(999_999)}\n`;
    const posted = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    for (let round = 0; round < 300; round += 1) {
      const answered = once(socket, 'data');
      socket.write(posted);
      expect(String(await answered)).toMatch(/^HTTP\/1.1 200/);
    }
    // All of it would be 300 MB.
    expect(peakMemory(job.ingest)).toBeLessThan(250 * 1024 * 1024);
    socket.end();
    await job.rows(300);
    expect((await job.stop()).said).toEqual([]);
  });

  test('lines and events of Flume are taken, and what is neither is told', async () => {
    const job = new Job('--format json --with-meta http-listen://:0');
    const port = await job.port();
    expect(await post(port, '{"a":1}\n{"a":2}')).toEqual({ code: 200, text: 'ok' });
    const events = [
      { headers: { host: 'web' }, body: '{\n"a":3}' },
      { headers: null, body: '{"a":4}' },
    ];
    expect(await post(port, JSON.stringify(events))).toEqual({ code: 200, text: 'ok' });
    expect(await post(port, '')).toMatchObject({ code: 200 });
    expect(await post(port, '[5,{"a":5}]')).toMatchObject({ code: 400 });
    expect(await post(port, '', 'GET')).toMatchObject({ code: 405 });
    expect(await post(port, Buffer.alloc(17 * 1024 * 1024))).toMatchObject({ code: 413 });
    // A client that goes away once it is refused, in the middle of its body, has done nothing wrong.
    const large = await connected(port);
    large.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${64 * 1024 * 1024}\r\n\r\n{`);
    await once(large, 'data');
    large.end();
    await closed(large);
    await send(port, 'garbage\r\n\r\n');
    expect(await job.rows(4)).toEqual([
      '{"headers":{},"value":{"a":1}}',
      '{"headers":{},"value":{"a":2}}',
      '{"headers":{"host":"web"},"value":{ "a":3}}',
      '{"headers":{},"value":{"a":4}}',
    ]);
    const { said } = await job.stop();
    expect(said).toEqual([
      expect.stringContaining('posted a JSON array that is neither of objects nor of Flume events'),
      expect.stringContaining('sent what is no HTTP'),
    ]);
  });

  test('JSON arrays of objects are a record each, as they are written', async () => {
    const job = new Job('--format json http-listen://:0');
    const port = await job.port();
    // What Fluent Bit and Vector send.
    const array = '[{"n":1.0,"id":12345678901234567890},\n {"t":"a],[\\"b","l":[[1],{}]} , {"body":1}]\n';
    expect(await post(port, array)).toEqual({ code: 200, text: 'ok' });
    expect(await post(port, '[]')).toMatchObject({ code: 200 });
    expect(await post(port, '[{"body":"7"},{"body":"8","headers":{"h":1}}]')).toMatchObject({ code: 200 });
    expect(await post(port, '[1]\n[2]\n')).toEqual({ code: 200, text: 'ok' });
    expect((await job.rows(7)).map((row) => row.trim())).toEqual([
      '{"n":1.0,"id":12345678901234567890}',
      '{"t":"a],[\\"b","l":[[1],{}]}',
      '{"body":1}',
      '{"body":"7"}',
      '{"body":"8","headers":{"h":1}}',
      '[1]',
      '[2]',
    ]);
    expect((await job.stop()).said).toEqual([]);
  });

  test('arrays of many small objects take little memory beside their text', async () => {
    const job = new Job('http-listen://:0', { batch: '1h' });
    const port = await job.port();
    const array = Buffer.from(`[${'[],'.repeat(5_000_000)}{}]`);
    // One that is an array of neither, so that nothing comes of it.
    expect(await post(port, array)).toMatchObject({ code: 400 });
    expect(peakMemory(job.ingest)).toBeLessThan(200 * 1024 * 1024);
    await job.stop();
  });

  test('what is packed with gzip or deflate is unpacked, up to a bound', async () => {
    const job = new Job('http-listen://:0');
    const port = await job.port();
    const packed = (body: Buffer, encoding: string): Promise<Answer> =>
      post(port, body, 'POST', { 'content-encoding': encoding });
    expect(await packed(gzipSync('a\nb\n'), 'gzip')).toEqual({ code: 200, text: 'ok' });
    expect(await packed(deflateSync('c'), 'deflate')).toEqual({ code: 200, text: 'ok' });
    expect(await packed(gzipSync('d'), 'X-GZIP')).toEqual({ code: 200, text: 'ok' });
    expect(await packed(Buffer.from('e'), 'Identity')).toEqual({ code: 200, text: 'ok' });
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const answers = await Promise.all(Array.from({ length: 20 }, () => packed(bomb, 'gzip')));
    for (const answer of answers) expect(answer).toMatchObject({ code: 413 });
    expect(await packed(Buffer.from('plain'), 'gzip')).toMatchObject({ code: 400 });
    expect(await packed(gzipSync('x').subarray(0, 15), 'gzip')).toMatchObject({ code: 400 });
    expect(await packed(Buffer.from('x'), 'br')).toEqual({
      code: 415,
      text: 'only gzip and deflate are read here',
    });
    expect(peakMemory(job.ingest)).toBeLessThan(250 * 1024 * 1024);
    expect(await job.rows(5)).toEqual(['"a"', '"b"', '"c"', '"d"', '"e"']);
    expect((await job.stop()).said).toEqual([
      expect.stringMatching(/posted packed bytes that are damaged: incorrect header check$/),
      expect.stringMatching(/2 clients in all: posted packed bytes that are damaged$/),
    ]);
  });

  test('503 where the pipeline is busy, and nothing of that is taken; all that was 200 is there', async () => {
    const job = startShell(
      'sluice ingest --format json http-listen://:0 2>said | (while ! [ -e go ]; do sleep 0.1; done; exec sluice batch --once) | sluice reduce count | sluice emit --format ndjson',
      { environment: { SLUICE_HTTP_WAIT: '300' } },
    );
    const port = await portIn(job, 'said');
    const body = `${JSON.stringify({ a: 'x'.repeat(990) })}\n`.repeat(500);
    const answers: Promise<Answer>[] = [];
    let busy = 0;
    let taken = 0;
    const count = async (answer: Promise<Answer>): Promise<void> => {
      const { code } = await answer;
      if (code === 503) busy += 1;
      else if (code === 200) taken += 1;
    };
    for (let round = 0; round < 12; round += 1) {
      const answer = post(port, body);
      answers.push(answer);
      void count(answer);
      await sleep(50);
    }
    await until('it is busy', () => (busy > 0 ? true : undefined));
    writeFileSync(join(job.folder, 'go'), '');
    await Promise.all(answers);
    expect(await post(port, body)).toEqual({ code: 200, text: 'ok' });
    taken += 1;
    job.signal('SIGINT');
    const { stdout } = await job.done;
    expect(JSON.parse(stdout)).toEqual({ count: 500 * taken });
  });

  test('who sends a request bit by bit is let go, and others are served meanwhile', async () => {
    const job = new Job('http-listen://:0', { environment: { SLUICE_HTTP_REQUEST: '1000' } });
    const port = await job.port();
    const slow = await connected(port);
    slow.write('POST / HTTP/1.1\r\n');
    const dribble = setInterval(() => slow.write('x'), 100);
    onTestFinished(() => clearInterval(dribble));
    expect(await post(port, 'meanwhile')).toEqual({ code: 200, text: 'ok' });
    await closed(slow);
    expect((await job.stop()).said).toEqual([
      expect.stringContaining('sent what is no HTTP, or not to its end'),
    ]);
  });
});
