// Who may ask, for what, and how it ends.
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MonitorServer, type Route } from '../../src/monitor/server.ts';

const hello: Route = (_request, response) => response.end('hello');

async function opened(
  routes: Record<string, Route> = { '/': hello },
  host = '127.0.0.1',
): Promise<MonitorServer> {
  const server = await MonitorServer.open({ host, port: 0 }, routes);
  onTestFinished(() => server.close());
  return server;
}

/** Status and text, as asked under the name `host`. */
function ask(url: string, host: string | undefined, method = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { Host: host };
    request(url, { method, headers, agent: false, setHost: host !== undefined }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(`${response.statusCode} ${text.trim()}`));
    })
      .on('error', reject)
      .end();
  });
}

describe('under another name nothing is answered: a name that somebody else has lead here', () => {
  test.each(['localhost', 'LOCALHOST:80', '127.0.0.1:1', '[::1]:1', '127.9.9.9'])(
    '%s is ours',
    async (host) => {
      expect(await ask((await opened()).url, host)).toBe('200 hello');
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1', ':80'])(
    '%j is not',
    async (host) => {
      expect(await ask((await opened()).url, host)).toMatch(/^403 /);
    },
  );

  test('but where it listens to all, names are not known', async () => {
    const { url } = await opened(undefined, '0.0.0.0');
    expect(await ask(url.replace('0.0.0.0', '127.0.0.1'), 'build-7.example')).toBe('200 hello');
  });
});

test('other paths and methods are refused', async () => {
  const { url } = await opened();
  expect(await ask(`${url}/x`, 'localhost')).toBe('404 there is: /');
  expect(await ask(`${url}/constructor`, 'localhost')).toMatch(/^404/);
  expect(await ask(`${url}/?a=1`, 'localhost')).toBe('200 hello');
  expect(await ask(url, 'localhost', 'POST')).toMatch(/^405/);
});

test('an address that is taken is an error that says so', async () => {
  const { url } = await opened();
  const port = Number(new URL(url).port);
  await expect(MonitorServer.open({ host: '127.0.0.1', port }, {})).rejects.toMatchObject({
    exit: 'cannotCreate',
    message: `cannot listen on 127.0.0.1:${port}: another program listens there`,
  });
});

test('close does not wait for who neither asks nor reads', async () => {
  const { url, close } = await (async () => {
    const server = await MonitorServer.open({ host: '127.0.0.1', port: 0 }, { '/': () => undefined });
    return { url: server.url, close: () => server.close() };
  })();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', resolve));
  await close();
  socket.destroy();
});
