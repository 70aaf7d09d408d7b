// emit made from its settings: where rows go, and how they look there.
import { ByteOutput } from '../stage/output.ts';
import type { SinkStage } from '../stage/stage.ts';
import type { EmitSettings } from './command.ts';
import { EmitOutput, type TableWriter } from './emit.ts';
import { rowFormats } from './formats/registry.ts';
import { TextWriter } from './text-writer.ts';

export function emitStage(settings: EmitSettings): SinkStage {
  return {
    name: 'emit',
    role: 'sink',
    open: async () => new EmitOutput(await writerFor(settings), settings),
  };
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
