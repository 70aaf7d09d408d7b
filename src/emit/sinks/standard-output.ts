// `-`: text into a pipe, or a table that is redrawn on a terminal.
import { ByteOutput } from '../../stage/output.ts';
import { SluiceError } from '../../errors.ts';
import type { EmitSettings } from '../command.ts';
import type { TableWriter } from '../emit.ts';
import { jsonList, parquet, rowFormats } from '../formats/registry.ts';
import { hasColor, isScreen, openStatus } from '../terminal/screen.ts';
import { TextWriter } from '../text-writer.ts';
import type { SinkKind } from './sink.ts';

const standardOutput = '-';

export const standardOutputSink: SinkKind = {
  name: '-',
  summary: 'standard output (the default)',
  options: ['format', 'csv-safe'],
  matches: (operand) => operand === standardOutput,
  prepare: async (operand, settings) => ({
    target: operand,
    open: (showsStatus) => openStandardOutput(settings, showsStatus),
  }),
};

async function openStandardOutput(settings: EmitSettings, showsStatus: boolean): Promise<TableWriter> {
  const { format = 'table', csvSafe } = settings;
  if (format === parquet || format === jsonList)
    throw new SluiceError(
      'usage',
      `--format ${format} is not for standard output`,
      'ndjson is a row a line; Parquet goes into a file: emit rows.parquet',
    );
  if (format === 'table' && isScreen(process.stdout)) {
    const { LiveTable } = await import('../terminal/live-table.ts');
    return LiveTable.open(process.stdout, hasColor(settings.color, process.stdout), settings);
  }
  const output = new ByteOutput(process.stdout);
  const finish = (): Promise<void> => output.flush();
  const makeSafe = process.stdout.isTTY ? await safetyFor(format) : undefined;
  // Where rows go to the terminal themselves, a line that moves among them would be in the way.
  const status = showsStatus && !process.stdout.isTTY ? await openStatus(settings.color) : undefined;
  return new TextWriter({ output, finish }, await rowFormats[format].create(csvSafe), status, makeSafe);
}

/** Data that a terminal would obey is shown instead, in a way that fits the format. */
async function safetyFor(format: EmitSettings['format']): Promise<(text: string) => string> {
  const { escapeControls, showControlsInLines } = await import('../terminal/controls.ts');
  return format === 'ndjson' ? escapeControls : showControlsInLines;
}
