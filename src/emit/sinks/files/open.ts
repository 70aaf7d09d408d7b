// A writer to many files, made of what the user said of them.
import type { Json } from '../../../envelope/json.ts';
import type { EmitSettings } from '../../command.ts';
import { parquet, rowFormats, type RowFormatName } from '../../formats/registry.ts';
import type { RowFormat } from '../../formats/format.ts';
import type { Status } from '../../terminal/status.ts';
import { TextContent, type Content } from './content.ts';
import type { Packing } from './packing.ts';
import type { Template } from './template.ts';
import { FilesWriter } from './writer.ts';

export type FilesOpening = {
  readonly path: string;
  /** Undefined for a path that is taken as it is. */
  readonly template: Template | undefined;
  readonly format: RowFormatName | typeof parquet;
  readonly packing: Packing | undefined;
  readonly status: Status | undefined;
  readonly settings: EmitSettings;
};

export async function openFiles({
  path,
  template,
  format,
  packing,
  status,
  settings,
}: FilesOpening): Promise<FilesWriter> {
  const { rotateSize, rotateAge, csvSafe } = settings;
  const folder = path.split('/').slice(0, -1).join('/');
  return new FilesWriter({
    name: path,
    template: template ?? {
      root: folder || (path.startsWith('/') ? '/' : '.'),
      isConstant: true,
      needsRows: false,
      pathOf: () => path,
      strangers: new Set(),
    },
    makeContent: format === parquet ? makeParquet : (before) => makeText(format, packing, csvSafe, before),
    canGoOn: format !== parquet,
    rotateSize,
    rotateAge,
    status,
  });
}

async function makeParquet(): Promise<Content> {
  const { ParquetContent } = await import('./parquet.ts');
  return new ParquetContent();
}

async function makeText(
  name: RowFormatName,
  packing: Packing | undefined,
  csvSafe: boolean,
  before: Buffer | undefined,
): Promise<Content> {
  const format: RowFormat = await rowFormats[name].create(csvSafe);
  const start = before && packing ? packing.unpackStart(before) : before;
  const known: Json | undefined = start && format.readHeading?.(start.toString());
  return new TextContent(format, packing, known);
}
