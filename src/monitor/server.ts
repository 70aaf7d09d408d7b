// A small HTTP server for people and machines that look on: it only answers, from this machine unless told otherwise, and
// is over with the stream.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { messageOf, SluiceError, systemCode } from '../errors.ts';
import type { Address } from '../address.ts';

export type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** So many connections at once; further ones are closed. */
const mostConnections = 64;
/** Milliseconds that a request may take to arrive. */
const requestTimeout = 5000;
/** Milliseconds that readers have at the end of the stream. */
const patience = 500;

export class MonitorServer {
  readonly #server: Server;
  /** `http://127.0.0.1:8080` */
  readonly url: string;

  /** Throws SluiceError('cannotCreate'). */
  static async open(
    { host, port }: Address,
    routes: Readonly<Record<string, Route>>,
  ): Promise<MonitorServer> {
    const server = createServer({ requestTimeout, headersTimeout: requestTimeout });
    server.maxConnections = mostConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(host, port, error)));
      server.listen(port, host, resolve);
    });
    // What goes wrong with one connection is none of the pipeline's business.
    server.on('error', () => undefined);
    server.on('clientError', (_error, socket) => socket.destroy());
    const { address, port: actual } = server.address() as AddressInfo;
    server.on('request', answering(routes, isLoopback(address)));
    // The stream alone says how long the process lives.
    server.unref();
    return new MonitorServer(server, `http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
  }

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** Answers that are under way have a moment to get there. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#server.closeAllConnections(), patience);
    this.#server.closeIdleConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    clearTimeout(timer);
  }
}

function answering(routes: Readonly<Record<string, Route>>, isLocal: boolean): Route {
  return (request, response) => {
    response.on('error', () => undefined);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const refuse = (status: number, text: string): void =>
      void response
        .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
        .end(`${text}\n`);
    // A page of somebody else may have its name lead here; the browser then says that name.
    if (isLocal && !isLocalName(request.headers.host))
      return refuse(
        403,
        'this is answered under the name of this machine only: localhost, 127.0.0.1 or [::1]',
      );
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'there is only something to GET');
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) return refuse(404, `there is: ${Object.keys(routes).join(', ')}`);
    route(request, response);
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isLocalName(host: string | undefined): boolean {
  const name = (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name));
}

function cannotListen(host: string, port: number, error: unknown): SluiceError {
  const why = {
    EADDRINUSE: 'another program listens there',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'ports below 1024 need a permission that we lack',
    ENOTFOUND: 'no such host',
  }[systemCode(error) ?? ''];
  return new SluiceError(
    'cannotCreate',
    `cannot listen on ${host}:${port}: ${why ?? messageOf(error)}`,
    'choose another HOST:PORT; port 0 is any that is free',
    error,
  );
}
