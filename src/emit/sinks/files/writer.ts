// Rows → many files, by what a template makes of each row. Each file is there whole once the stream has ended well, or it is
// full; in a job that keeps state they grow, each batch once. No file stays open: rows are held, and appended many at a time.
import { rmSync } from 'node:fs';
import { appendFile, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { StageReport } from '../../../envelope/envelope.ts';
import type { ReportHead } from '../../../monitor/pipeline.ts';
import type { Json } from '../../../envelope/json.ts';
import { cannotWrite, SluiceError, systemCode } from '../../../errors.ts';
import { makeFolder } from '../../../make-folder.ts';
import type { Resumption } from '../../../stage/committing.ts';
import { beforeDying } from '../../../stage/signals.ts';
import { warn } from '../../../stage/stderr.ts';
import { faultPoint } from '../../../state/fault-points.ts';
import type { TableWriter } from '../../emit.ts';
import { parseRow } from '../../formats/cells.ts';
import type { TableHead } from '../../formats/format.ts';
import type { Rows } from '../../rows.ts';
import type { Status } from '../../terminal/status.ts';
import { temporaryName, syncFolder } from '../whole-file.ts';
import type { Content } from './content.ts';
import { numbered, numberIn } from './numbers.ts';
import type { Template } from './template.ts';
import { Undo } from './undo.ts';

export type FilesSettings = {
  /** As the user typed it, for messages. */
  readonly name: string;
  readonly template: Template;
  /** What is written into one of the files, `before` being its first bytes where there are some. */
  readonly makeContent: (before: Buffer | undefined) => Promise<Content>;
  /** Where false, a file has to be written from its beginning to its end. */
  readonly canGoOn: boolean;
  readonly rotateSize: number | undefined;
  readonly rotateAge: number | undefined;
  readonly status: Status | undefined;
};

/** Bytes that are held for one file, and for all of them. */
const mostOfFile = 1024 * 1024;
const mostOfAll = 16 * 1024 * 1024;
/** Files that are remembered though nothing is held for them. */
const mostIdle = 1000;
/** Bytes in which a heading has to be. */
const mostOfStart = 256 * 1024;

type OpenFile = {
  readonly path: string;
  /** Where it is written meanwhile. */
  readonly writtenTo: string;
  readonly content: Content;
  readonly begun: number;
  length: number;
  /** The commit before which its length was written down. */
  noted: number;
};

export class FilesWriter implements TableWriter {
  readonly #settings: FilesSettings;
  /** By what the template makes of their rows. */
  readonly #files = new Map<string, OpenFile>();
  readonly #touched = new Set<string>();
  #hasRows = false;
  #held = 0;
  #undo: Undo | undefined;
  #isBroken = false;
  readonly #forget: () => void;

  constructor(settings: FilesSettings) {
    this.#settings = settings;
    this.#forget = beforeDying(() => {
      if (!this.#undo) for (const { writtenTo } of this.#files.values()) rmSync(writtenTo, { force: true });
    });
  }

  async write(rows: Rows, head: TableHead): Promise<void> {
    for (const texts of rows.texts()) {
      for (const [path, group] of this.#groups(texts, head)) {
        const file = this.#files.get(path) ?? (await this.#begin(path));
        this.#held -= file.content.held;
        await file.content.add(group, head);
        this.#held += file.content.held;
        if (file.content.held > Math.min(mostOfFile, this.#settings.rotateSize ?? mostOfFile))
          await this.#flush([file]);
        if (this.#isFull(file.length + file.content.certain, file.begun)) await this.#finish(path, file);
      }
      if (this.#held > mostOfAll) await this.#flush([...this.#files.values()]);
    }
    if (this.#settings.rotateAge === undefined) return;
    for (const [path, file] of this.#files) if (this.#isFull(0, file.begun)) await this.#finish(path, file);
  }

  #groups(texts: readonly string[], head: TableHead): Map<string, readonly string[]> {
    const { pathOf, needsRows } = this.#settings.template;
    if (!needsRows) return new Map([[pathOf(null, head), texts]]);
    this.#hasRows = true;
    const groups = new Map<string, string[]>();
    const rows = parseRow(`[${texts.join(',')}]`) as Json[];
    for (const [index, text] of texts.entries()) {
      const path = pathOf(rows[index] as Json, head);
      const group = groups.get(path);
      if (group) group.push(text);
      else groups.set(path, [text]);
    }
    return groups;
  }

  #isFull(size: number, begun: number): boolean {
    const { rotateSize = Infinity, rotateAge = Infinity } = this.#settings;
    return size >= rotateSize || Date.now() - begun >= rotateAge;
  }

  get #isRotated(): boolean {
    return this.#settings.rotateSize !== undefined || this.#settings.rotateAge !== undefined;
  }

  async #begin(template: string): Promise<OpenFile> {
    try {
      makeFolder(dirname(template));
      const path = this.#isRotated ? await this.#nextPath(template) : template;
      const there = await stat(path).catch(absent);
      // A device would be replaced by a file.
      if (there && !there.isFile()) throw new Error('it is there, and no regular file');
      const found = this.#undo ? there : undefined;
      const length = found?.size ?? 0;
      const content = await this.#settings.makeContent(length > 0 ? await startOf(path) : undefined);
      const writtenTo = this.#undo ? path : join(dirname(path), temporaryName(basename(path)));
      const begun = length > 0 && found && found.birthtimeMs > 0 ? found.birthtimeMs : Date.now();
      const file = { path, writtenTo, content, begun, length, noted: -1 };
      this.#files.set(template, file);
      return file;
    } catch (error) {
      throw cannotCreate(template, error);
    }
  }

  /** Numbers rise, whatever run they are of; in a job that keeps state the last file is gone on with while it has room. */
  async #nextPath(template: string): Promise<string> {
    const names = await readdir(dirname(template));
    const last = Math.max(0, ...names.map((name) => numberIn(basename(template), name) ?? 0));
    const path = numbered(template, Math.max(1, last));
    if (!this.#undo || last === 0) return numbered(template, last + 1);
    const { size, birthtimeMs } = await stat(path);
    return this.#isFull(size, birthtimeMs || Date.now()) ? numbered(template, last + 1) : path;
  }

  /** What is held for these files is appended to them. */
  async #flush(files: readonly OpenFile[]): Promise<void> {
    const ready: { file: OpenFile; bytes: Buffer }[] = [];
    for (const file of files) {
      this.#held -= file.content.held;
      const bytes = await file.content.take();
      if (bytes.length > 0) ready.push({ file, bytes });
    }
    await this.#append(ready);
  }

  async #append(ready: readonly { file: OpenFile; bytes: Buffer }[]): Promise<void> {
    const undo = this.#undo;
    if (undo) {
      const grown = ready.map(({ file }) => file).filter((file) => file.noted !== undo.number);
      if (grown.length > 0) await undo.note(grown.map(({ path, length }) => ({ path, length })));
      for (const file of grown) file.noted = undo.number;
    }
    for (const { file, bytes } of ready) {
      try {
        await appendFile(file.writtenTo, bytes);
      } catch (error) {
        throw cannotWrite(file.path, error);
      }
      file.length += bytes.length;
      this.#touched.add(file.writtenTo);
    }
  }

  /** It is whole, and gets no more rows. */
  async #finish(template: string, file: OpenFile): Promise<void> {
    await this.#flush([file]);
    const rest = file.content.end();
    if (rest.length > 0) await this.#append([{ file, bytes: rest }]);
    if (!this.#undo) await this.#putInPlace(file);
    this.#files.delete(template);
  }

  async #putInPlace({ path, writtenTo }: OpenFile): Promise<void> {
    try {
      if (!this.#touched.delete(writtenTo)) return;
      await syncFile(writtenTo);
      await rename(writtenTo, path);
      await syncFolder(dirname(path));
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#settings.status?.update(stages, head);
  }

  breakOff(): void {
    this.#isBroken = true;
  }

  async resume({ job, committed, kept }: Resumption): Promise<number | undefined> {
    const { name, template, canGoOn } = this.#settings;
    if (!canGoOn)
      throw new SluiceError(
        'usage',
        `${name} cannot grow, as a job that keeps state needs it: its format has an end`,
        'write another one, such as .ndjson, or leave --state out',
      );
    const { undo = 0 } = (kept ?? {}) as { undo?: number };
    try {
      makeFolder(template.root);
    } catch (error) {
      throw cannotCreate(template.root, error);
    }
    this.#undo = await Undo.begin(template.root, job, undo);
    return committed;
  }

  async commit(): Promise<Json> {
    await this.#flush([...this.#files.values()]);
    faultPoint('files-appended');
    for (const path of this.#touched) {
      await syncFile(path).catch((error: unknown) => {
        throw cannotWrite(path, error);
      });
    }
    this.#touched.clear();
    if (this.#files.size > mostIdle) this.#files.clear();
    return { undo: (await this.#undo?.commit()) ?? 0 };
  }

  async close(end: 'ok' | 'failed'): Promise<void> {
    const { status, name } = this.#settings;
    status?.close();
    try {
      if (end === 'ok' && !this.#isBroken) return await this.#finishAll();
      if (this.#undo) return await this.#undo.rollBack();
      for (const { writtenTo } of this.#files.values()) await unlink(writtenTo).catch(() => undefined);
      warn('emit', `nothing was written to ${name}${this.#isRotated ? ' but files that were full' : ''}`);
    } finally {
      this.#forget();
      await this.#undo?.close();
    }
  }

  async #finishAll(): Promise<void> {
    for (const [template, file] of this.#files) await this.#finish(template, file);
    await this.#undo?.forget();
    this.#nameStrangers();
  }

  /** A name with a typo would put all rows into one file. */
  #nameStrangers(): void {
    const { template, name } = this.#settings;
    if (!this.#hasRows) return;
    for (const column of template.strangers)
      warn(
        'emit',
        `no row had a value in column '${column}', so ${name} has _null in its place`,
        'is it spelled as in the rows?',
      );
  }
}

function absent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function startOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostOfStart), 0, mostOfStart, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

function cannotCreate(path: string, error: unknown): unknown {
  if (error instanceof SluiceError) return error;
  const failure = cannotWrite(path, error);
  return new SluiceError('cannotCreate', failure.message, failure.hint, error);
}
