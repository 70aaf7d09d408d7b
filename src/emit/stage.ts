// emit made from its settings and its operand: where rows go, and which of them.
import { SluiceError } from '../errors.ts';
import { camelCase } from '../command/command.ts';
import type { SinkStage } from '../stage/stage.ts';
import { emitDefaults, type EmitSettings } from './command.ts';
import { EmitOutput } from './emit.ts';
import { sinkKindOf, sinkKinds } from './sinks/registry.ts';
import { sinkOptions, type SinkKind } from './sinks/sink.ts';
import { WindowRowsCore } from './window-rows.ts';

export async function emitStage(settings: EmitSettings, [operand = '-']: string[]): Promise<SinkStage> {
  if (settings.reverse && settings.sort === undefined)
    throw new SluiceError(
      'usage',
      '--reverse needs --sort',
      'rows come in the order of their keys; --sort COLUMN puts them in another one, which --reverse turns around',
    );
  const kind = sinkKindOf(operand);
  refuseOthers(kind, operand, settings);
  const { target, open } = await kind.prepare(operand, settings);
  return {
    name: 'emit',
    role: 'sink',
    core: new WindowRowsCore(),
    target,
    open: async (showsStatus) => new EmitOutput(await open(showsStatus), settings),
  };
}

/** Options that would change nothing, since they are for other sinks. Throws SluiceError('usage') where one is given. */
function refuseOthers({ takes = [] }: SinkKind, operand: string, settings: EmitSettings): void {
  for (const name of sinkOptions) {
    const value = settings[camelCase(name) as keyof EmitSettings];
    const isGiven = Array.isArray(value)
      ? value.length > 0
      : value !== undefined && value !== emitDefaults[name];
    if (!isGiven || takes.includes(name)) continue;
    const fitting = sinkKinds.filter((kind) => kind.takes?.includes(name)).map((kind) => kind.name);
    throw new SluiceError(
      'usage',
      `--${name} does not go with '${operand}'`,
      `it is for ${fitting.join(', ')}`,
    );
  }
}
