// Rows to a Flume agent: each is an event, whose body is JSON.
import { parseAddress } from '../../address.ts';
import { SluiceError } from '../../errors.ts';
import { warn } from '../../stage/stderr.ts';
import { tlsFrom } from '../../tls.ts';
import type { EmitSettings } from '../command.ts';
import { openStatus } from '../terminal/screen.ts';
import type { Sink } from './sink.ts';

/** Milliseconds. */
const usualPatience = 60_000;

export function prepareFlume(operand: string, settings: EmitSettings): Sink {
  const at = parseAddress(operand, 1);
  const { format = 'ndjson', patience = usualPatience, compression, color } = settings;
  if (format !== 'ndjson')
    throw new SluiceError('usage', `--format ${format}: an event of Flume is JSON`, 'leave --format out');
  if (compression === 'gzip')
    throw new SluiceError('usage', '--compression gzip is not what Flume reads', 'it reads deflate');
  const target = { at, tls: tlsFrom(settings), isPacked: compression === 'deflate' };
  return {
    target: `flume ${at.host}:${at.port}`,
    async open(showsStatus) {
      const [{ FlumeSender }, { FlumeWriter }] = await Promise.all([
        import('./flume/sender.ts'),
        import('./flume/writer.ts'),
      ]);
      const sender = new FlumeSender({
        target,
        operand,
        patience,
        warn: (message) => warn('emit', message),
      });
      await sender.open();
      return new FlumeWriter(sender, showsStatus ? await openStatus(color) : undefined);
    },
  };
}
