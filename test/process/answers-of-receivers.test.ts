// What clients are told of what they sent, where the next stage is slow or has died.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AvroWriter } from '../../src/flume/avro.ts';
import { FlumeConnection } from '../../src/flume/client.ts';
import { until } from '../helpers/processes.ts';
import { startShell } from '../helpers/shell.ts';
import { portIn, post } from '../helpers/sockets.ts';

describe('a next stage that has died', () => {
  /** Ingest whose reader is killed; resolves once it is gone. */
  async function withReader(source: string): Promise<{ port: number; kill: () => Promise<void> }> {
    const job = startShell(`sluice ingest ${source} 2>said | (echo $BASHPID >reader; exec cat >read)`);
    onTestFinished(() => job.signal('SIGKILL'));
    const port = await portIn(job, 'said');
    const file = (name: string): string => readFileSync(join(job.folder, name), 'utf8');
    return {
      port,
      async kill() {
        await until('something has been read', () => (file('read').includes('first') ? true : undefined));
        const pid = Number(file('reader'));
        process.kill(pid, 'SIGKILL');
        await until('it reads no more', () => (hasFiles(pid) ? undefined : true));
      },
    };
  }

  function hasFiles(pid: number): boolean {
    try {
      return readdirSync(`/proc/${pid}/fd`).length > 0;
    } catch {
      return false;
    }
  }

  test('takes nothing: http-listen says so', async () => {
    const { port, kill } = await withReader('http-listen://:0');
    expect(await post(port, 'first\n')).toEqual({ code: 200, text: 'ok' });
    await kill();
    const over = { code: 503, text: 'the pipeline has ended' };
    // On a machine that is busy, a heartbeat has found that out before, and nobody listens any more.
    expect(await post(port, 'second\n').catch(() => over)).toEqual(over);
  });

  test('takes nothing: flume says so', async () => {
    const { port, kill } = await withReader('flume://:0');
    const at = { host: '127.0.0.1', port };
    const connection = await FlumeConnection.open({ at, tls: undefined, isPacked: false });
    onTestFinished(() => connection.close());
    const event = (body: string): Buffer => new AvroWriter().integer(0).text(body).bytes;
    await connection.appendBatch(event('first'), 1);
    await kill();
    await expect(connection.appendBatch(event('second'), 1)).rejects.toThrow(/FAILED|closed|EPIPE|ECONN/);
  });
});
