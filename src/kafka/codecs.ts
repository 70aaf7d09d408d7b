// How record batches are packed. gzip is Node's own, zstd too where Node has it; the others are libraries, loaded on need.
import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { SluiceError } from '../errors.ts';

const load = createRequire(import.meta.filename);

type Unpack = (bytes: Buffer) => Uint8Array;

/** By the lowest three bits of a batch's attributes. */
const codecs: Readonly<Record<number, Unpack>> = {
  1: (bytes) => zlib.gunzipSync(bytes),
  2: unpackSnappy,
  3: (bytes) => (load('lz4js') as typeof import('lz4js')).decompress(bytes),
  4: unpackZstd,
};

/** Throws SluiceError('badData') where the codec is not known, what the codec throws where the bytes are damaged. */
export function unpack(bytes: Buffer, codec: number): Buffer {
  if (codec === 0) return bytes;
  const unpackBytes = codecs[codec];
  if (!unpackBytes)
    throw new SluiceError('badData', `records are packed in a way that is not known: ${codec}`);
  const unpacked = unpackBytes(bytes);
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length);
}

function unpackZstd(bytes: Buffer): Uint8Array {
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Unpack };
  return zstdDecompressSync?.(bytes) ?? (load('fzstd') as typeof import('fzstd')).decompress(bytes);
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeader = 16;

/** Java's producers put blocks in a frame of their own (xerial), each with its length in front. */
function unpackSnappy(bytes: Buffer): Uint8Array {
  const { uncompress } = load('snappyjs') as typeof import('snappyjs');
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return uncompress(bytes);
  const blocks: Uint8Array[] = [];
  for (let at = xerialHeader; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    blocks.push(uncompress(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}
