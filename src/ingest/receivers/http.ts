// HTTP: lines, NDJSON for one, or JSON arrays are posted, packed or not. 200 says that all of it is safe.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { parseAddress } from '../../address.ts';
import { messageOf } from '../../errors.ts';
import { hasRoom, mostHeld, overhead, type Room } from './clients.ts';
import { Refused } from './complaints.ts';
import type { Entry } from './inbox.ts';
import { cannotListen, listening, nameOf, serverTls, tellPort } from './listen.ts';
import { messagesOf, unpack } from './posted.ts';
import type { Service, ServiceSettings } from './service.ts';

/** Bytes of what is posted at once. */
const mostBytes = 16 * 1024 * 1024;
/** What is not on its way after so many milliseconds is given back. */
const longestWait = Number(process.env['SLUICE_HTTP_WAIT'] ?? 5000);
/** A request comes within so many milliseconds. */
const longestRequest = Number(process.env['SLUICE_HTTP_REQUEST'] ?? 30_000);
const encodings = new Set(['identity', 'gzip', 'x-gzip', 'deflate']);

type Answer = { readonly code: number; readonly text: string; readonly headers?: Record<string, string> };

const busy: Answer = { code: 503, text: 'the pipeline is busy, try again', headers: { 'retry-after': '1' } };
const over: Answer = { code: 503, text: 'the pipeline has ended', headers: { connection: 'close' } };
const tooLarge: Answer = { code: 413, text: `more than ${mostBytes >> 20} MiB at once` };
const packedOtherwise: Answer = {
  code: 415,
  text: 'only gzip and deflate are read here',
  headers: { 'accept-encoding': 'gzip, deflate' },
};

export async function listenForHttp(settings: ServiceSettings): Promise<Service> {
  const { operand, inbox, complaints, tls, maxConnections, idleTimeout = 60_000 } = settings;
  let [held, cut] = [0, 0];
  let unpacking: Promise<unknown> = Promise.resolve();
  /** Connections that were answered before all was sent. */
  const answered = new WeakSet<object>();
  const refused = new WeakSet<object>();
  const open = new Set<Socket>();
  const proven = new WeakSet<object>();

  const receive = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'POST') return { code: 405, text: 'POST lines here', headers: { allow: 'POST' } };
    const { 'content-encoding': coding = 'identity', 'content-length': length } = request.headers;
    const encoding = coding.toLowerCase();
    if (!encodings.has(encoding)) return packedOtherwise;
    if (Number(length) > mostBytes) return tooLarge;
    if (inbox.isFull) return busy;
    const holding = { size: 0, bytes: 0 };
    try {
      const messages = await messagesIn(request, encoding, holding);
      if (!('bytes' in messages)) return messages;
      cut += messages.cut;
      if (messages.bytes.length === 0) return { code: 200, text: 'there was nothing in it' };
      // Held until it is safe: who has sent all of it still counts.
      return await safely(messages, request);
    } finally {
      held -= holding.bytes;
    }
  };

  /** What a request holds, or why it is not taken. By itself, so that its bytes are not kept while it waits. */
  const messagesIn = async (
    request: IncomingMessage,
    encoding: string,
    holding: { size: number; bytes: number },
  ): Promise<ReturnType<typeof messagesOf> | Answer> => {
    const chunks: Buffer[] = [];
    // One that is not read to its end is answered all the same.
    const body = request.iterator({ destroyOnReturn: false });
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      const bytes = chunk.length + overhead;
      holding.size += chunk.length;
      holding.bytes += bytes;
      held += bytes;
      if (holding.size > mostBytes || held > mostHeld) break;
    }
    if (holding.size > mostBytes) return tooLarge;
    if (held > mostHeld) return busy;
    const sent = Buffer.concat(chunks);
    const posted = encoding === 'identity' ? sent : await unpackInTurn(sent);
    if (!posted) return tooLarge;
    if (posted !== sent && inbox.isFull) return busy;
    return messagesOf(posted, settings);
  };

  /** One after the other, since what is packed says nothing of how large it will be. */
  const unpackInTurn = (packed: Buffer): Promise<Buffer | undefined> => {
    const unpacked = unpacking.then(() => unpack(packed, mostBytes));
    unpacking = unpacked.catch(() => undefined);
    return unpacked;
  };

  const safely = (messages: Entry, request: IncomingMessage): Promise<Answer> =>
    new Promise((resolve) => {
      const settle = (outcome: Answer): void => {
        clearTimeout(timer);
        // The connection may live on, with many more requests.
        request.socket.off('close', giveBack);
        resolve(outcome);
      };
      const entry: Entry = {
        ...messages,
        onSafe: () => settle({ code: 200, text: 'ok' }),
        onLost: () => settle(over),
      };
      const giveBack = (): void => {
        if (inbox.withdraw(entry)) settle(busy);
      };
      const timer = setTimeout(giveBack, longestWait);
      request.socket.once('close', giveBack);
      inbox.add(entry);
    });

  const room: Room<Socket> = {
    most: maxConnections,
    hasSent: (socket) => proven.has(socket),
    letGo(socket, why) {
      complaints.add(nameOf(socket), why);
      // It is told of already: what it has begun is no other fault.
      refused.add(socket);
      open.delete(socket);
      socket.destroy();
    },
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { code, text, headers } = await receive(request).catch((error: unknown): Answer => {
      if (!(error instanceof Refused)) return { code: 400, text: 'it broke off' };
      complaints.add(nameOf(request.socket), error);
      return { code: 400, text: error.message };
    });
    if (code === 200) proven.add(request.socket);
    response.writeHead(code, { 'content-type': 'text/plain', ...headers });
    response.end(`${text}\n`);
    // Most clients read no answer before they have sent everything; who does may go away then.
    if (!request.complete) answered.add(request.socket);
    request.resume();
  };

  const timing = {
    requestTimeout: longestRequest,
    headersTimeout: longestRequest,
    keepAliveTimeout: idleTimeout,
    connectionsCheckingInterval: 1000,
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(request, response);
  const server = tls
    ? createSecureServer({ ...serverTls(tls, operand), ...timing }, listener)
    : createServer(timing, listener);
  // Who does not come to the end of a handshake is no client yet, and keeps nobody out.
  if (tls) server.maxConnections = 2 * maxConnections;
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    if (!hasRoom(open, room, (why) => complaints.add(nameOf(socket), why))) return void socket.destroy();
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('clientError', (error, socket) => {
    if (answered.has(socket)) return void socket.destroy();
    // It may go on sending while it is told.
    if (refused.has(socket)) return;
    refused.add(socket);
    complaints.add('a client', new Refused('sent what is no HTTP, or not to its end', messageOf(error)));
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  try {
    await listening(server, parseAddress(operand, 0));
  } catch (error) {
    throw cannotListen(operand, error);
  }
  tellPort(server, settings);
  return {
    stop() {
      server.close();
      inbox.end();
    },
    close() {
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1000).unref();
    },
    cut: () => cut,
    closing: () => complaints.closing(),
  };
}
