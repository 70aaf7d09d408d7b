// What is appended to a file, packed as its ending says. Each piece is whole by itself: members of gzip, and frames of zstd,
// can stand one behind the other, so that a file can be gone on with.
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { SluiceError } from '../../../errors.ts';

export type Packing = {
  readonly ending: string;
  readonly pack: (bytes: Buffer) => Promise<Buffer>;
  /** The beginning of what is packed, as far as there is one. */
  readonly unpackStart: (bytes: Buffer) => Buffer;
};

type Zstd = {
  readonly zstdCompress?: (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
  readonly zstdDecompressSync?: (bytes: Buffer, options: object) => Buffer;
  readonly constants: Readonly<Record<string, number>>;
};

const gzip = promisify<Buffer, Buffer>(zlib.gzip);

const gzipPacking: Packing = {
  ending: '.gz',
  pack: gzip,
  unpackStart: (bytes) => zlib.gunzipSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH }),
};

/** Throws SluiceError('usage') where this Node has no zstd. */
function zstdPacking(path: string): Packing {
  const { zstdCompress, zstdDecompressSync, constants } = zlib as unknown as Zstd;
  if (!zstdCompress || !zstdDecompressSync)
    throw new SluiceError(
      'usage',
      `${path}: Node ${process.versions.node} cannot write zstd`,
      'Node can from 22.15 on; or let the name end with .gz',
    );
  return {
    ending: '.zst',
    pack: promisify(zstdCompress),
    unpackStart: (bytes) => zstdDecompressSync(bytes, { finishFlush: constants['ZSTD_e_flush'] }),
  };
}

/** By the ending of a name; undefined where nothing is to be packed. */
export function packingFor(path: string): Packing | undefined {
  if (path.endsWith('.gz')) return gzipPacking;
  return path.endsWith('.zst') ? zstdPacking(path) : undefined;
}
