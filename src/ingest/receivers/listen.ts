// Sockets that clients connect to: TCP, with TLS or without, and Unix sockets.
import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { messageOf, SluiceError, systemCode } from '../../errors.ts';
import type { Tls } from '../../tls.ts';
import type { Address } from '../../address.ts';
import { Clients, type ClientSettings } from './clients.ts';
import { Refused } from './complaints.ts';
import type { Service, ServiceSettings } from './service.ts';

/** `below` makes of a connection what TLS is spoken on. Throws SluiceError('unavailable') where nobody can listen there. */
export async function listen(
  at: Address | { readonly path: string },
  settings: ServiceSettings,
  reading: ClientSettings['reading'],
  below?: (socket: Socket, then: (stream: Duplex) => void) => void,
): Promise<Service> {
  const { operand, tls, complaints, inbox } = settings;
  let clients: Clients | undefined;
  const accept = (socket: Socket): void => clients?.add(socket, nameOf(socket));
  const secure = tls
    ? secureServer(tls, operand, accept).on('tlsClientError', (error: Error, socket: Socket) => {
        complaints.add(nameOf(socket), new Refused('speaks no TLS that is wanted here', messageOf(error)));
        socket.destroy();
      })
    : undefined;
  const server =
    secure && !below
      ? secure
      : createServer({ allowHalfOpen: true }, (socket) => {
          if (secure && below) below(socket, (stream) => secure.emit('connection', stream));
          else accept(socket);
        });
  if (tls) server.maxConnections = 2 * settings.maxConnections;
  await listening(server, at).catch((error: unknown) => {
    throw cannotListen(operand, error);
  });
  const served = (clients = new Clients({ ...settings, reading }));
  tellPort(server, settings);
  return {
    stop() {
      server.close();
      served.stop();
      inbox.end();
    },
    close() {
      server.close();
      served.close();
    },
    cut: () => served.cut,
    closing: () => complaints.closing(),
  };
}

function secureServer(tls: Tls, operand: string, accept: (socket: Socket) => void): Server {
  try {
    return createTlsServer(serverTls(tls, operand), accept);
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError('noInput', `${operand}: the certificate cannot be used: ${messageOf(error)}`);
  }
}

/** Who names authorities wants certificates of theirs. Throws SluiceError('usage') where there is none to show. */
export function serverTls({ ca, cert, key }: Tls, operand: string): object {
  if (!cert || !key)
    throw new SluiceError(
      'usage',
      `${operand} needs a certificate to speak TLS`,
      'name it and its key: --tls-cert FILE --tls-key FILE',
    );
  // Who does not come to the end of the handshake is no client yet, and keeps nobody out.
  return {
    cert,
    key,
    handshakeTimeout: 30_000,
    allowHalfOpen: true,
    ...(ca && { ca, requestCert: true, rejectUnauthorized: true }),
  };
}

export async function listening(
  server: Pick<Server, 'listen' | 'once' | 'off'>,
  at: Address | { readonly path: string },
): Promise<void> {
  try {
    await bound(server, at);
  } catch (error) {
    if (!('path' in at) || systemCode(error) !== 'EADDRINUSE') throw error;
    if (!lstatSync(at.path, { throwIfNoEntry: false })?.isSocket())
      throw new SluiceError(
        'cannotCreate',
        `${at.path}: what is there is no socket`,
        'name another path, or take it away',
      );
    // A socket that a crash left behind is in the way.
    if (await isAnswered(at.path)) throw error;
    rmSync(at.path, { force: true });
    await bound(server, at);
  }
}

function bound(server: Pick<Server, 'listen' | 'once' | 'off'>, at: object): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isThere: boolean) => (): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}

export function cannotListen(operand: string, error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  // Node says so of a folder that is not there, too.
  if (operand.startsWith('unix') && systemCode(error) === 'EACCES')
    return new SluiceError(
      'cannotCreate',
      `${operand}: its folder does not exist, or there is no permission to write it`,
    );
  const why = {
    EADDRINUSE: 'another process listens there',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'no permission to listen there',
    ENOTFOUND: 'there is no such host',
  }[systemCode(error) ?? ''];
  const hint = {
    EADDRINUSE: operand.startsWith('unix')
      ? '`ss -lxp` tells which; or choose another path'
      : '`ss -ltnup` tells which; or choose another port',
    EACCES: 'ports below 1024 are for root: choose another one',
  }[systemCode(error) ?? ''];
  return new SluiceError('unavailable', `${operand}: ${why ?? messageOf(error)}`, hint, error);
}

/** A port that the system chose has to be told; others are known. */
export function tellPort(server: Pick<Server, 'address'>, { operand, warn, tell }: ServiceSettings): void {
  const address = server.address();
  if (address === null || typeof address === 'string') return tell?.(`listening on ${operand}`);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const isChosen = operand.endsWith(':0');
  (isChosen ? warn : tell)?.(`listening on ${host}:${address.port}`);
}

export function nameOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'a client' : `${remoteAddress}:${remotePort}`;
}
