// Rows into a file, whole or not at all: who reads it never finds half a report. In a job that keeps state the file grows by
// a batch at a time instead, since the report is never over.
import { extname, resolve } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { Json } from '../../envelope/json.ts';
import { ByteOutput } from '../../stage/output.ts';
import { warn } from '../../stage/stderr.ts';
import type { EmitSettings } from '../command.ts';
import type { TableWriter } from '../emit.ts';
import { jsonList, parquet, rowFormatNames, rowFormats, type RowFormatName } from '../formats/registry.ts';
import { openStatus } from '../terminal/screen.ts';
import { TextWriter, type TextTarget } from '../text-writer.ts';
import { packingFor } from './files/packing.ts';
import { parseTemplate } from './files/template.ts';
import { GrowingFile } from './growing-file.ts';
import type { Sink } from './sink.ts';
import { resolveTarget, WholeFile } from './whole-file.ts';

const fileScheme = 'file:';

export async function prepareFile(operand: string, settings: EmitSettings): Promise<Sink> {
  const isTemplate = operand.startsWith(fileScheme);
  const path = isTemplate ? operand.slice(fileScheme.length) : operand;
  const { rotateSize, rotateAge } = settings;
  const template = isTemplate ? parseTemplate(path) : undefined;
  const isRotated = rotateSize !== undefined || rotateAge !== undefined;
  const isOne = template?.isConstant !== false && !isRotated;
  const target = isOne ? await resolveTarget(path) : resolve(path);
  const packing = packingFor(path);
  if (settings.format === jsonList)
    throw new SluiceError(
      'usage',
      `--format ${jsonList} is for requests to a web server`,
      'ndjson is a row a line',
    );
  const format = settings.format ?? formatByEnding(packing ? path.slice(0, -packing.ending.length) : path);
  if (isOne && !packing && format !== parquet)
    return { target, open: (showsStatus) => openFile(path, target, { ...settings, format }, showsStatus) };
  if (packing && format === parquet)
    throw new SluiceError('usage', `${path}: Parquet is packed by itself`, 'let its name end with .parquet');
  return {
    target,
    async open(showsStatus) {
      const { openFiles } = await import('./files/open.ts');
      const status = showsStatus ? await openStatus(settings.color) : undefined;
      return openFiles({ path, template, format, packing, status, settings });
    },
  };
}

async function openFile(
  path: string,
  target: string,
  { format, color, csvSafe }: EmitSettings & { format: RowFormatName },
  showsStatus: boolean,
): Promise<TableWriter> {
  const file = await WholeFile.create(path, target);
  const status = showsStatus ? await openStatus(color) : undefined;
  const writing = wholeTarget(path, file);
  return new TextWriter(writing, await rowFormats[format].create(csvSafe), status, undefined);
}

function wholeTarget(path: string, file: WholeFile): TextTarget {
  const output = new ByteOutput(file.stream, path);
  const discard = async (): Promise<void> => {
    if (await file.discard()) warn('emit', `nothing was written to ${path}`);
  };
  return {
    output,
    async finish(end) {
      if (end === 'failed') return discard();
      try {
        await output.flush();
        await file.commit();
      } catch (error) {
        await discard();
        throw error;
      }
    },
    async resume({ kept }) {
      if (!file.isReplaceable) return undefined;
      await file.discard();
      return growingTarget(path, await GrowingFile.open(path, file.target, lengthIn(kept)));
    },
  };
}

function growingTarget(path: string, file: GrowingFile): TextTarget {
  const output = new ByteOutput(file.stream, path);
  return {
    output,
    goesOn: file.goesOn,
    async commit() {
      await output.flush();
      return { length: await file.commit() };
    },
    async finish(end) {
      if (end === 'ok') await output.flush();
      await file.close(end);
    },
  };
}

function lengthIn(kept: Json | undefined): number | undefined {
  return (kept as { length?: number } | null | undefined)?.length;
}

/** Throws SluiceError('usage') where the name does not tell. */
function formatByEnding(path: string): RowFormatName | typeof parquet {
  const ending = extname(path).toLowerCase();
  if (ending === `.${parquet}`) return parquet;
  const name = rowFormatNames.find((candidate) =>
    (rowFormats[candidate].endings as readonly string[]).includes(ending),
  );
  if (name) return name;
  const endings = Object.values(rowFormats).flatMap((format) => format.endings);
  throw new SluiceError(
    'usage',
    `in which format is '${path}' to be written?`,
    `say it with --format ${[...rowFormatNames, parquet].join('|')}, or by the file's ending: ${endings.join(', ')}, .${parquet}`,
  );
}
