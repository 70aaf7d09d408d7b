// Files by path or glob, `.gz` or plain. Read from start to end, once.
import { constants } from 'node:fs';
import { cannotRead, messageOf, SluiceError } from '../../errors.ts';
import { importModule } from '../../package.ts';
import { access, close, open, read, stat } from './file-system.ts';
import { gunzipIfNeeded, gzipMagic, isGzip } from './gzip.ts';
import type { Source, SourceKind } from './source.ts';

/** As JSON, with quotes and commas, it mostly still fits one part: nothing has to be cut or put together downstream. */
const chunkSize = 768 * 1024;

class FileSource implements Source {
  readonly name: string;
  readonly size?: number;
  position = 0;

  constructor(path: string, size: number | undefined) {
    this.name = path;
    if (size !== undefined) this.size = size;
  }

  async *read(): AsyncGenerator<Buffer> {
    yield* gunzipIfNeeded(this.#chunks(), this.name);
  }

  async isPlainFile(): Promise<boolean> {
    if (this.size === undefined) return false;
    const file = await open(this.name, 'r');
    const { buffer, bytesRead } = await read(file, Buffer.alloc(gzipMagic.length), 0, gzipMagic.length, 0);
    await close(file);
    return !isGzip(buffer.subarray(0, bytesRead));
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    const file = await open(this.name, 'r').catch((error: unknown) => {
      throw cannotRead(this.name, error);
    });
    try {
      const buffer = Buffer.allocUnsafeSlow(chunkSize);
      for (;;) {
        const { bytesRead } = await read(file, buffer, 0, chunkSize, null);
        if (bytesRead === 0) return;
        this.position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw error instanceof SluiceError
        ? error
        : new SluiceError('inputOutput', `cannot read ${this.name}: ${messageOf(error)}`, undefined, error);
    } finally {
      await close(file);
    }
  }
}

async function openFiles(operand: string): Promise<Source[]> {
  const paths = await expand(operand);
  if (paths.length === 0) throw new SluiceError('noInput', `no file matches '${operand}'`);
  return Promise.all(paths.map(openFile));
}

/** Throws SluiceError('noInput'). */
export async function openFile(path: string): Promise<Source> {
  const status = await stat(path).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  if (status.isDirectory()) {
    throw new SluiceError(
      'noInput',
      `${path} is a directory`,
      `name files in it, or a glob in quotes: '${path.replace(/\/$/, '')}/*.log'`,
    );
  }
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw cannotRead(path, error);
  });
  return new FileSource(path, status.isFile() ? status.size : undefined);
}

/** A path that exists is taken literally, also where it looks like a glob. Matches come sorted by name. */
async function expand(operand: string): Promise<string[]> {
  if (!/[*?[{]/.test(operand) || (await exists(operand))) return [operand];
  const { glob } = await importModule<typeof import('tinyglobby')>('tinyglobby');
  const paths = await glob(operand, { expandDirectories: false, dot: false });
  return paths.sort();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export const fileSource: SourceKind = {
  name: 'FILE, GLOB',
  summary:
    "a file, or all files that match a glob (quote it: 'logs/*.log'); .gz is recognised by its first bytes",
  matches: () => true,
  open: openFiles,
  paths: expand,
};
