// emit made from its settings and its operand: where rows go, and which of them.
import { SluiceError } from '../errors.ts';
import { loginOptions } from '../kafka/options.ts';
import type { SinkStage } from '../stage/stage.ts';
import type { EmitSettings } from './command.ts';
import { EmitOutput } from './emit.ts';
import { sinkKindOf, sinkKinds } from './sinks/registry.ts';
import type { SinkKind } from './sinks/sink.ts';
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
  refuseUnheeded(settings, kind, operand);
  const { target, open } = await kind.prepare(operand, settings);
  return {
    name: 'emit',
    role: 'sink',
    core: new WindowRowsCore(),
    target,
    open: async (showsStatus) => new EmitOutput(await open(showsStatus), settings),
  };
}

/** Options that would change nothing. */
function refuseUnheeded(settings: EmitSettings, { options = [] }: SinkKind, operand: string): void {
  const { key, transactional, compression } = settings;
  const values: Record<string, unknown> = {
    key,
    transactional,
    compression: compression !== 'none',
    ...loginOptions(settings),
  };
  const given = Object.keys(values).find(
    (name) => values[name] !== undefined && values[name] !== false && !options.includes(name),
  );
  if (given === undefined) return;
  const others = sinkKinds.filter((kind) => kind.options?.includes(given));
  throw new SluiceError(
    'usage',
    `--${given} does nothing with ${operand === '-' ? 'standard output' : operand}`,
    `it is for: ${others.map(({ name }) => name).join(', ')}`,
  );
}
