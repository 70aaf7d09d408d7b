// Rows to a web server: what a request has in it, when it is made again, and what is made of refusals.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HttpWriter, type Posting } from '../../../src/emit/sinks/http/writer.ts';
import { Rows } from '../../../src/emit/rows.ts';
import { runShell } from '../../helpers/shell.ts';
import { temporaryFolder } from '../../helpers/temporary.ts';

type Request = { readonly headers: IncomingHttpHeaders; readonly body: string };
const batch = (number: number): { batch: number; isWindow: false } => ({ batch: number, isWindow: false });

/** A server that keeps what it gets. */
async function serve(
  answer: (response: ServerResponse, count: number) => void = (response) => response.end(),
): Promise<{
  url: string;
  requests: Request[];
}> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      answer(response, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`, requests };
}

const writerTo = (url: string, more: Partial<Posting> = {}): HttpWriter =>
  new HttpWriter({ url, isList: false, token: undefined, patience: 20_000, status: undefined, ...more });

const status =
  (code: number, body = '', headers = {}): ((response: ServerResponse) => void) =>
  (response) =>
    response.writeHead(code, headers).end(body);

test('a request for each batch, whose key is that of the job and the batch', async () => {
  const { url, requests } = await serve();
  for (let run = 0; run < 2; run += 1) {
    const writer = writerTo(url);
    await writer.resume({ job: 'j', committed: undefined, kept: undefined });
    await writer.write(Rows.of(['{"a":1}']), batch(4), true, false);
    await writer.write(Rows.of(['{"a":2}']), batch(4), false, true);
    await writer.write(Rows.none, batch(5), true, true);
    await writer.write(
      Rows.of(['{"a":3}']),
      { ...batch(6), isWindow: true, interval: { start: 0, end: 1000 } },
      true,
      true,
    );
    await writer.write(
      Rows.of(['{"a":4}']),
      { ...batch(6), isWindow: true, interval: { start: 1000, end: 2000 } },
      true,
      true,
    );
  }
  const made = requests.map(({ headers, body }) => [
    headers['idempotency-key'],
    headers['content-type'],
    body,
  ]);
  const [first, second, third] = made;
  expect(first).toEqual(['j-4-1', 'application/x-ndjson', '{"a":1}\n{"a":2}\n']);
  expect(second?.[0]).toBe('j-6-1');
  expect(second?.[2]).toBe(
    '{"window_start":"1970-01-01T00:00:00Z","window_end":"1970-01-01T00:00:01Z","a":3}\n',
  );
  expect(third?.[0]).toBe('j-6-2');
  // Another run makes the same again.
  expect(made.slice(3)).toEqual(made.slice(0, 3));
});

test('one list of JSON, with a token', async () => {
  const { url, requests } = await serve();
  await writerTo(url, { isList: true, token: 'abc' }).write(
    Rows.of(['{"a":1}', '"x"']),
    batch(0),
    true,
    true,
  );
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual([{ a: 1 }, 'x']);
  expect(requests[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    authorization: 'Bearer abc',
  });
});

test('a batch of many rows is several requests, each with a key of its own', async () => {
  const { url, requests } = await serve();
  const writer = writerTo(url);
  const row = JSON.stringify({ text: 'x'.repeat(1000) });
  for (let part = 0; part < 10; part += 1)
    await writer.write(Rows.of(Array.from({ length: 1000 }, () => row)), batch(0), part === 0, part === 9);
  const keys = requests.map(({ headers }) => String(headers['idempotency-key']).replace(/^.*-0-/, ''));
  expect(keys).toEqual(['1', '2', '3']);
  expect(requests.map(({ body }) => body).join('')).toBe(`${row}\n`.repeat(10_000));
});

test.for([
  ['500', status(500)],
  ['503 with a time to wait', status(503, '', { 'retry-after': '0' })],
  ['429 with a date', status(429, '', { 'retry-after': new Date(0).toUTCString() })],
  ['a connection that ends', (response: ServerResponse) => response.destroy()],
] as const)('%s: again, with the same key', async ([, refuse]) => {
  const { url, requests } = await serve((response, count) => (count < 3 ? refuse(response) : response.end()));
  await writerTo(url).write(Rows.of(['1']), batch(0), true, true);
  expect(requests).toHaveLength(3);
  expect(
    new Set(requests.map(({ headers, body }) => `${String(headers['idempotency-key'])} ${body}`)).size,
  ).toBe(1);
});

test('a server that says when is not asked before', async () => {
  const { url } = await serve((response, count) =>
    count === 1 ? status(503, '', { 'retry-after': '1' })(response) : response.end(),
  );
  const began = performance.now();
  await writerTo(url).write(Rows.of(['1']), batch(0), true, true);
  expect(performance.now() - began).toBeGreaterThan(900);
});

test.for([
  [400, 'badData', 'does not take the rows: 400 Bad Request: no good'],
  [422, 'badData', 'does not take the rows: 422 Unprocessable Entity: no good'],
  [401, 'noPermission', 'does not let us in: 401 Unauthorized'],
  [404, 'unavailable', 'does not take the rows: 404 Not Found'],
] as const)('%i is an error at once', async ([code, exit, message]) => {
  const { url, requests } = await serve(status(code, 'no\n good'));
  const writing = writerTo(url).write(Rows.of(['1']), batch(0), true, true);
  await expect(writing).rejects.toMatchObject({ exit, message: expect.stringContaining(message) });
  expect(requests).toHaveLength(1);
});

test('what has moved is not followed, but named', async () => {
  const { url } = await serve(status(308, '', { location: 'https://elsewhere/' }));
  const writing = writerTo(url).write(Rows.of(['1']), batch(0), true, true);
  await expect(writing).rejects.toMatchObject({
    message: expect.stringContaining('308 Permanent Redirect: it is at https://elsewhere/'),
  });
});

test('a server that does not come back is given up', async () => {
  const { url } = await serve(status(503, 'busy'));
  const writing = writerTo(url, { patience: 300 }).write(Rows.of(['1']), batch(0), true, true);
  await expect(writing).rejects.toMatchObject({
    exit: 'unavailable',
    message: expect.stringContaining('503 Service Unavailable: busy'),
  });
});

test('as a process: the token from a file or the environment, and what is refused', async () => {
  const { url, requests } = await serve();
  const file = join(temporaryFolder(), 'token');
  writeFileSync(file, 'from-file\n');
  const rows = 'echo a | sluice ingest | sluice batch --once | sluice emit';
  const environment = { SLUICE_HTTP_TOKEN: 'from-environment' };
  expect(await runShell(`${rows} ${url}`, { environment })).toMatchObject({ stdout: '', stderr: '' });
  expect(await runShell(`${rows} ${url} --token-file ${file} --format json`)).toMatchObject({
    stdout: '',
    stderr: '',
  });
  expect(requests.map(({ headers, body }) => [headers.authorization, body])).toEqual([
    ['Bearer from-environment', '"a"\n'],
    ['Bearer from-file', '["a"]'],
  ]);
  for (const [operands, exit, message] of [
    ['http://me:secret@127.0.0.1/', 2, 'a password does not belong in an address'],
    ['https://', 2, 'is no address'],
    [`${url} --format csv`, 2, '--format csv: rows go to a web server as ndjson or json'],
    [`${url} --token-file none`, 66, 'none: no such file'],
    ['http://127.0.0.1:1/ --patience 200ms', 69, 'cannot reach http://127.0.0.1:1/: '],
  ] as const) {
    const { stdout, stderr } = await runShell(`${rows} ${operands}; echo $?`);
    expect(stdout).toBe(`${exit}\n`);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('secret');
  }
});
