// Jobs that listen on ports which the system chose, as they tell on standard error, and clients of theirs.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stagesOf, until, type Stage } from './processes.ts';
import { startShell, type RunningShell } from './shell.ts';

/** A job whose rows go to the file `out`. What ingest says is in `said`. */
export class Job {
  readonly shell: RunningShell;

  constructor(ingest: string, { batch = '100ms', environment = {} } = {}) {
    // On a machine that is busy the other stages say that they are late.
    this.shell = startShell(
      `set -o pipefail; sluice ingest ${ingest} 2>said | sluice batch ${batch} 2>>others | sluice emit --format ndjson 2>>others | (trap '' INT TERM; exec tee out) || echo failed >>said; cat said >&2`,
      { environment },
    );
    onTestFinished(() => this.shell.signal('SIGKILL'));
  }

  read(file: 'out' | 'said'): string {
    try {
      return readFileSync(join(this.shell.folder, file), 'utf8');
    } catch {
      return '';
    }
  }

  port(): Promise<number> {
    return portIn(this.shell, 'said');
  }

  rows(count: number): Promise<string[]> {
    return until(`there are ${count} rows`, () => {
      const rows = this.read('out').split('\n').slice(0, -1);
      return rows.length >= count ? rows : undefined;
    });
  }

  get ingest(): Stage {
    return stagesOf(this.shell).find(({ name }) => name === 'ingest') as Stage;
  }

  /** Ends it as Ctrl-C does. Resolves to what ingest said but for where it listens. */
  async stop(): Promise<{ rows: string[]; said: string[] }> {
    this.shell.signal('SIGINT');
    const { stdout, stderr } = await this.shell.done;
    const said = stderr.split('\n').filter((line) => line !== '' && !line.includes('listening on'));
    return { rows: stdout.split('\n').slice(0, -1), said };
  }
}

/** The port that a stage says it listens on, in a file. */
export function portIn(shell: RunningShell, file: string): Promise<number> {
  return until('it listens', () => {
    const [, port] = /listening on [^ ]+:(\d+)$/m.exec(readFileSync(join(shell.folder, file), 'utf8')) ?? [];
    return port === undefined ? undefined : Number(port);
  });
}

/** A connection may break when the program at its other end is stopped; nothing else would hear of that, and fail. */
export const harmless = (socket: Socket): Socket => socket.on('error', () => undefined);

export async function connected(port: number): Promise<Socket> {
  const socket = harmless(connect(port, '127.0.0.1'));
  await once(socket, 'connect');
  // One that is not read does not see the other side go.
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** However it ends: `once` would throw where it breaks. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Sends it all, and waits until the other side has ended too. */
export async function send(port: number, bytes: string | Buffer): Promise<void> {
  const socket = await connected(port);
  socket.end(bytes);
  socket.resume();
  await closed(socket);
}

export type Answer = { code: number | undefined; text: string };

export function post(port: number, body: string | Buffer, method = 'POST', headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sending = request({ port, host: '127.0.0.1', method, path: '/any', headers }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => resolve({ code: response.statusCode, text: text.trimEnd() }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
