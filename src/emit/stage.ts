// emit made from its settings and its operands: where rows go, and which of them.
import { camelCase } from '../command/command.ts';
import { refuseUnheeded } from '../command/heeded.ts';
import { SluiceError } from '../errors.ts';
import { parseListenAddress } from '../address.ts';
import { standardEnvelopes } from '../stage/output.ts';
import type { SinkStage } from '../stage/stage.ts';
import { emitDefaults, type EmitSettings } from './command.ts';
import { EmitOutput, type TableWriter } from './emit.ts';
import { SinksWriter } from './sinks-writer.ts';
import { sinkKindOf, sinkKinds } from './sinks/registry.ts';
import { sinkOptions, type Sink, type SinkKind, type SinkOption } from './sinks/sink.ts';
import { through } from './through.ts';
import { WindowRowsCore } from './window-rows.ts';

const standardOutput = '-';

export async function emitStage(given: EmitSettings, operands: string[]): Promise<SinkStage> {
  const settings = { ...given, key: given.key.flatMap((columns) => columns.split(',')) };
  if (settings.reverse && settings.sort === undefined)
    throw new SluiceError(
      'usage',
      '--reverse needs --sort',
      'rows come in the order of their keys; --sort COLUMN puts them in another one, which --reverse turns around',
    );
  const names = operands.length > 0 ? operands : [standardOutput];
  const kinds = names.map(sinkKindOf);
  refuseUnheeded(
    sinkOptions.filter((name) => isGiven(name, settings)),
    kinds,
    sinkKinds,
    names.map((name) => (name === standardOutput ? 'standard output' : name)),
  );
  const sinks: Sink[] = [];
  for (const [index, kind] of kinds.entries())
    sinks.push(await kind.prepare(names[index] as string, settingsFor(kind, settings)));
  const targets = [...sinks.map(({ target }) => target), ...(settings.through ? [standardOutput] : [])];
  refuseTwice(targets, names);
  const { http, metrics } = settings;
  for (const [option, address] of Object.entries({ http, metrics }))
    if (address !== undefined) parseListenAddress(address, option);
  const core = new WindowRowsCore();
  return {
    name: 'emit',
    role: 'sink',
    core: settings.through ? through(core, standardEnvelopes()) : core,
    targets,
    async open(showsStatus) {
      const { openMonitor } = await import('../monitor/open.ts');
      const monitor = await openMonitor(settings, targets.join(', '));
      try {
        return new EmitOutput(await openAll(sinks, showsStatus), settings, monitor);
      } catch (error) {
        await monitor.close('failed');
        throw error;
      }
    },
  };
}

/** All of them, or none. The line on standard error is shown by one. */
async function openAll(sinks: readonly Sink[], showsStatus: boolean): Promise<TableWriter> {
  const shown = sinks.find(({ target }) => target === standardOutput) ?? sinks[0];
  const opened: { target: string; writer: TableWriter }[] = [];
  try {
    for (const sink of sinks)
      opened.push({ target: sink.target, writer: await sink.open(showsStatus && sink === shown) });
  } catch (error) {
    for (const { writer } of opened) await Promise.resolve(writer.close('failed')).catch(() => undefined);
    throw error;
  }
  return new SinksWriter(opened);
}

/** Behind the names stands, where there is one, the target of --through. */
function refuseTwice(targets: readonly string[], names: readonly string[]): void {
  const second = targets.findIndex((target, index) => targets.indexOf(target) !== index);
  if (second === -1) return;
  if (second === names.length)
    throw new SluiceError(
      'usage',
      '--through needs standard output for itself',
      'name another sink: emit rows.csv --through',
    );
  throw new SluiceError('usage', `two sinks are '${names[second]}': their rows would be mixed`);
}

function isGiven(name: SinkOption, settings: EmitSettings): boolean {
  const value = settings[camelCase(name) as keyof EmitSettings];
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== emitDefaults[name];
}

/** Of several sinks each has the options that are for it. */
function settingsFor({ options }: SinkKind, settings: EmitSettings): EmitSettings {
  const others = sinkOptions.filter((name) => !options.includes(name) && isGiven(name, settings));
  return { ...settings, ...Object.fromEntries(others.map((name) => [camelCase(name), emitDefaults[name]])) };
}
