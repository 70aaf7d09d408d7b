// emit as a process: standard input → tables → standard output.
import { exitCodes } from '../exit-codes.ts';
import { SluiceError } from '../errors.ts';
import type { Core } from '../stage/core.ts';
import { readEnvelopes, upstreamDied } from '../stage/input.ts';
import { ByteOutput } from '../stage/output.ts';
import { envelopeEnd, readStandardInput, refuseTerminal, runToEnd } from '../stage/run-stage.ts';
import { onFirstSignal } from '../stage/signals.ts';
import type { EmitSettings } from './command.ts';
import { EmitOutput, type TableWriter } from './emit.ts';
import { rowFormats } from './formats/registry.ts';
import { TextWriter } from './text-writer.ts';

/** Emit changes nothing on the way: its work is its output. */
const passThrough: Core = {
  accept: (envelope) => [envelope],
  end: (ending) => [ending],
};

export async function runEmit(settings: EmitSettings): Promise<number> {
  refuseTerminal('emit');
  onFirstSignal(() => undefined);
  let isCutOff = false;
  const envelopes = readEnvelopes(readStandardInput(), () => (isCutOff = true));
  const output = new EmitOutput(await writerFor(settings), settings);
  const ending = await runToEnd(envelopes, passThrough, output, envelopeEnd);
  if (isCutOff) throw new SluiceError('inputOutput', upstreamDied);
  if (ending?.header.end !== 'failed') return exitCodes.ok.code;
  throw new SluiceError(
    'inputOutput',
    `upstream failed: ${ending.header.reason ?? 'no reason given'}`,
    'what came before is shown above',
  );
}

async function writerFor(settings: EmitSettings): Promise<TableWriter> {
  if (settings.format === 'table' && isScreen(process.stdout)) {
    const { LiveTable } = await import('./terminal/live-table.ts');
    return new LiveTable(process.stdout, hasColor(settings.color, process.stdout));
  }
  const format = await rowFormats[settings.format].create();
  const makeSafe = process.stdout.isTTY ? await safetyFor(settings.format) : undefined;
  return new TextWriter(new ByteOutput(process.stdout), format, await statusFor(settings), makeSafe);
}

/** Data that a terminal would obey is shown instead, in a way that fits the format. */
async function safetyFor(format: EmitSettings['format']): Promise<(text: string) => string> {
  const { escapeControls, showControlsInLines } = await import('./terminal/controls.ts');
  return format === 'ndjson' ? escapeControls : showControlsInLines;
}

/** Where rows go to the terminal themselves, a line that moves among them would be in the way. */
async function statusFor(
  settings: EmitSettings,
): Promise<InstanceType<typeof import('./terminal/status.ts').Status> | undefined> {
  if (!isScreen(process.stderr) || process.stdout.isTTY) return undefined;
  const { Status } = await import('./terminal/status.ts');
  return new Status(hasColor(settings.color, process.stderr));
}

/** A terminal that understands cursor movement, and has a size: on one without columns no line ever fits. */
function isScreen(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && stream.columns > 0 && process.env['TERM'] !== 'dumb';
}

function hasColor(color: EmitSettings['color'], stream: NodeJS.WriteStream): boolean {
  if (color !== 'auto') return color === 'always';
  return stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}
