// A file of rows: csv, tsv or NDJSON, packed or not, read as ingest reads it.
import { stat } from 'node:fs/promises';
import { cannotRead, SluiceError } from '../../errors.ts';
import { formatFrom } from '../../ingest/formats/registry.ts';
import { IngestCore } from '../../ingest/ingest.ts';
import { openFile } from '../../ingest/sources/file.ts';
import type { Rejects } from '../../stage/rejects.ts';
import type { OriginOptions, OriginState, Rows, TableOrigin } from './origin.ts';

const endings: Readonly<Record<string, string>> = {
  csv: 'csv',
  tsv: 'tsv',
  ndjson: 'json',
  jsonl: 'json',
  json: 'json',
};

/** A line that is longer is no row. */
const maxRecord = 1024 * 1024;

const newline = 0x0a;

/** Throws SluiceError('usage') where nothing says what the file holds. */
export async function fileOrigin(path: string, { format, types }: OriginOptions): Promise<TableOrigin> {
  const kind = format ?? formatOf(path);
  const { isFile } = await look(path);
  const options = { format: kind, types };
  // A wrong --types is found out before anything is read.
  formatFrom(options, whole);
  return {
    name: path,
    isLasting: isFile,
    state: async () => (await look(path)).state,
    read: () => readRows(path, options),
  };
}

function formatOf(path: string): string {
  const [, ending = ''] = /\.(\w+)(?:\.gz)?$/.exec(path) ?? [];
  const format = endings[ending.toLowerCase()];
  if (format) return format;
  throw new SluiceError(
    'usage',
    `what kind of table is ${path}?`,
    'say it with --format csv, tsv or json; a stream, which has envelopes, is named by --with',
  );
}

/** Throws SluiceError('noInput'). */
async function look(path: string): Promise<{ state: OriginState; isFile: boolean }> {
  // Throws in the same words as ingest does.
  await openFile(path);
  const status = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  if (!status.isFile()) return { state: { text: path }, isFile: false };
  const { dev, ino, size, mtimeNs, mtimeMs } = status;
  const text = [dev, ino, size, mtimeNs].join(' ');
  return { state: { text, size: Number(size), writtenAt: Number(mtimeMs) }, isFile: true };
}

async function* readRows(
  path: string,
  options: { readonly format: string; readonly types: string | undefined },
): AsyncGenerator<Rows, boolean> {
  const source = await openFile(path);
  const format = formatFrom(options, whole, { isOnlySource: true });
  const core = new IngestCore({ format, rejects: whole, sources: [source], maxRecord, startedAt: 0 });
  let last: number | undefined;
  for await (const bytes of source.read()) {
    last = bytes.at(-1) ?? last;
    for (const { payload, header } of core.accept({ source, bytes }, 0))
      yield { payload, count: header.n, done: source.position };
    refuseCut(core);
  }
  for (const { payload, header } of [...core.accept({ source }, 0), ...core.tick(Number.MAX_SAFE_INTEGER)])
    yield { payload, count: header.n, done: source.position };
  refuseCut(core);
  return last === undefined || last === newline;
}

function refuseCut({ cut }: IngestCore): void {
  if (cut > 0)
    throw new SluiceError('badData', `a line is longer than ${maxRecord} bytes`, 'is it a table at all?');
}

/** A table without one of its rows is another table. */
const whole: Rejects = {
  stops: true,
  reject(_record, place, reason) {
    throw new SluiceError('badData', `${place}: ${reason}`, 'a table is taken whole or not at all');
  },
  takeCount: () => 0,
};
