// emit made from its settings and its operand: where rows go, and which of them.
import { SluiceError } from '../errors.ts';
import { loginOptions, refuseGiven } from '../kafka/options.ts';
import { parseListenAddress } from '../monitor/address.ts';
import type { SinkStage } from '../stage/stage.ts';
import type { EmitSettings } from './command.ts';
import { EmitOutput } from './emit.ts';
import { sinkKindOf } from './sinks/registry.ts';
import { WindowRowsCore } from './window-rows.ts';

export async function emitStage(settings: EmitSettings, [operand = '-']: string[]): Promise<SinkStage> {
  if (settings.reverse && settings.sort === undefined)
    throw new SluiceError(
      'usage',
      '--reverse needs --sort',
      'rows come in the order of their keys; --sort COLUMN puts them in another one, which --reverse turns around',
    );
  const kind = sinkKindOf(operand);
  if (settings.table !== undefined && !kind.hasTables)
    throw new SluiceError('usage', `--table names a table of a database, and '${operand}' is none`);
  const { http, metrics } = settings;
  for (const [option, address] of Object.entries({ http, metrics }))
    if (address !== undefined) parseListenAddress(address, option);
  const { key, transactional, compression } = settings;
  const isPacked = compression !== 'none';
  if (!kind.isKafka) refuseGiven({ key, transactional, compression: isPacked, ...loginOptions(settings) });
  const { target, open } = await kind.prepare(operand, settings);
  return {
    name: 'emit',
    role: 'sink',
    core: new WindowRowsCore(),
    target,
    async open(showsStatus) {
      const { openMonitor } = await import('../monitor/open.ts');
      const monitor = await openMonitor(settings, target);
      try {
        return new EmitOutput(await open(showsStatus), settings, monitor);
      } catch (error) {
        await monitor.close('failed');
        throw error;
      }
    },
  };
}
