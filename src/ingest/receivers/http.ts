// HTTP: lines, NDJSON for one, or Flume's JSON array of events are posted. 200 says that all of it is safe.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { SluiceError } from '../../errors.ts';
import { characterStart } from '../lines.ts';
import { parseAddress } from '../../address.ts';
import { Refused } from './complaints.ts';
import type { Entry } from './inbox.ts';
import { cannotListen, listening, nameOf, serverTls, tellPort } from './listen.ts';
import { MessageLines } from './messages.ts';
import type { Service, ServiceSettings } from './service.ts';

/** Bytes of what is posted at once, and of all that is being posted. */
const mostBytes = 16 * 1024 * 1024;
const mostHeld = 64 * 1024 * 1024;
/** What is not on its way after so many milliseconds is given back. */
const longestWait = Number(process.env['SLUICE_HTTP_WAIT'] ?? 5000);
/** A request comes within so many milliseconds. */
const longestRequest = Number(process.env['SLUICE_HTTP_REQUEST'] ?? 30_000);
const newline = 0x0a;
const openBracket = 0x5b;

type Answer = { readonly code: number; readonly text: string; readonly headers?: Record<string, string> };

const busy: Answer = { code: 503, text: 'the pipeline is busy, try again', headers: { 'retry-after': '1' } };
const tooLarge: Answer = { code: 413, text: `more than ${mostBytes >> 20} MiB at once` };

export async function listenForHttp(settings: ServiceSettings): Promise<Service> {
  const { operand, inbox, complaints, tls, maxConnections, idleTimeout = 60_000 } = settings;
  let [held, cut] = [0, 0];
  /** Connections that were answered before all was sent. */
  const answered = new WeakSet<object>();

  const receive = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'POST') return { code: 405, text: 'POST lines here', headers: { allow: 'POST' } };
    const { 'content-encoding': encoding = 'identity', 'content-length': length } = request.headers;
    if (encoding !== 'identity') return { code: 415, text: `content-encoding ${encoding} is not read here` };
    if (Number(length) > mostBytes) return tooLarge;
    if (inbox.isFull) return busy;
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      // One that is not read to its end is answered all the same.
      const body = request.iterator({ destroyOnReturn: false });
      for await (const chunk of body as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        size += chunk.length;
        held += chunk.length;
        if (size > mostBytes || held > mostHeld) break;
      }
      if (size > mostBytes) return tooLarge;
      if (held > mostHeld) return busy;
    } finally {
      held -= size;
    }
    const messages = messagesOf(Buffer.concat(chunks), settings);
    cut += messages.cut;
    if (messages.bytes.length === 0) return { code: 200, text: 'there was nothing in it' };
    return safely(messages, request);
  };

  const safely = (messages: Entry, request: IncomingMessage): Promise<Answer> =>
    new Promise((resolve) => {
      const entry: Entry = {
        ...messages,
        onSafe: () => {
          clearTimeout(timer);
          resolve({ code: 200, text: 'ok' });
        },
      };
      const giveBack = (): void => {
        if (inbox.withdraw(entry)) resolve(busy);
      };
      const timer = setTimeout(giveBack, longestWait);
      request.socket.once('close', giveBack);
      inbox.add(entry);
    });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { code, text, headers } = await receive(request).catch((error: unknown): Answer => {
      if (!(error instanceof Refused)) return { code: 400, text: 'it broke off' };
      complaints.add(nameOf(request.socket), error);
      return { code: 400, text: error.message };
    });
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
  server.maxConnections = maxConnections;
  const refused = new WeakSet<object>();
  server.on('clientError', (error, socket) => {
    if (answered.has(socket)) return void socket.destroy();
    // It may go on sending while it is told.
    if (refused.has(socket)) return;
    refused.add(socket);
    complaints.add('a client', new Refused('sent what is no HTTP, or not to its end', error.message));
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  try {
    await listening(server, parseAddress(operand, 0));
  } catch (error) {
    throw error instanceof SluiceError ? error : cannotListen(operand, error);
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

/** Throws Refused where it is no list of events although it begins like one. */
function messagesOf(body: Buffer, settings: ServiceSettings): Entry & { readonly cut: number } {
  const lines = new MessageLines();
  let cut = 0;
  const add = (bytes: Buffer, start: number, end: number): void => {
    const isCut = end - start > settings.maxRecord;
    if (isCut) cut += 1;
    lines.add(bytes, start, isCut ? characterStart(bytes, start + settings.maxRecord) : end);
  };
  const events = eventsOf(body);
  if (!events) {
    for (let start = 0; start < body.length;) {
      const found = body.indexOf(newline, start);
      const end = found === -1 ? body.length : found;
      add(body, start, end > start && body[end - 1] === 0x0d ? end - 1 : end);
      start = end + 1;
    }
    return { bytes: lines.bytes, cut };
  }
  const { withHeaders, dedupHeader } = settings;
  const ids: { end: number; id: string | undefined }[] = [];
  for (const { headers, body: text } of events) {
    const bytes = Buffer.from(text);
    if (withHeaders) addHeaders(lines, headers);
    add(bytes, 0, bytes.length);
    if (dedupHeader !== undefined) ids.push({ end: lines.length, id: headers[dedupHeader] });
  }
  return { bytes: lines.bytes, ids, cut };
}

function addHeaders(lines: MessageLines, headers: Record<string, string>): void {
  lines.beginHeaders();
  for (const [index, text] of Object.entries(headers).flat().entries()) {
    const bytes = Buffer.from(text);
    lines.addHeader(bytes, 0, bytes.length, index % 2 === 0);
  }
  lines.endHeaders();
}

type Event = { readonly headers: Record<string, string>; readonly body: string };

/** Flume's events, `[{"headers": {…}, "body": "…"}]`; undefined where it is lines. */
function eventsOf(body: Buffer): Event[] | undefined {
  const first = body.findIndex((byte) => byte > 0x20);
  if (body[first] !== openBracket) return undefined;
  const whole = parsed(body);
  if (!Array.isArray(whole)) return undefined;
  return whole.map((one: unknown) => {
    const { headers = {}, body: text } = (one ?? {}) as Partial<Event>;
    const areTexts =
      typeof headers === 'object' && Object.values(headers ?? {}).every((value) => typeof value === 'string');
    if (typeof text !== 'string' || !areTexts)
      throw new Refused(
        'posted a JSON array that is not one of Flume events',
        'write [{"headers":{},"body":"text"}], or a record a line',
      );
    return { headers, body: text };
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Lines may well begin with a bracket.
    return undefined;
  }
}
