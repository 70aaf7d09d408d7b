// Gzip undone where the bytes say that they are gzip; a name says too little. No text log starts with these bytes.
import type { Gunzip } from 'node:zlib';
import { messageOf, SluiceError } from '../../errors.ts';
import { importModule } from '../../package.ts';

export const gzipMagic: Buffer = Buffer.from([0x1f, 0x8b, 0x08]);

export function isGzip(head: Buffer): boolean {
  return head.subarray(0, gzipMagic.length).equals(gzipMagic);
}

/** `chunks` as they are, or unpacked. Throws SluiceError('badData') with the offset where packed bytes are damaged. */
export async function* gunzipIfNeeded(
  chunks: AsyncIterator<Buffer> & AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  try {
    const head = await readHead(chunks);
    if (isGzip(head)) return yield* gunzip(resume(head, chunks), name);
    if (head.length > 0) yield head;
    yield* chunks;
  } finally {
    // Who stops at the head would leave the file open.
    await chunks.return?.();
  }
}

/** The first bytes, at least as many as it takes to recognise gzip where there are so many. */
async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < gzipMagic.length && head.equals(gzipMagic.subarray(0, head.length))) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* resume(head: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* chunks;
}

async function* gunzip(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  // Loaded on need: most inputs are plain, and zlib takes longer to load than all of ours.
  const { createGunzip } = await importModule<typeof import('node:zlib')>('node:zlib');
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  let received = 0;
  const feeding = feed(packed, unpacked, (length) => (received += length));
  feeding.catch((error: Error) => unpacked.destroy(error));
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    const why =
      error instanceof Error && error.message === 'unexpected end of file'
        ? 'it is cut off'
        : messageOf(error);
    throw damaged(name, unpacked.bytesWritten, why, error);
  }
  await feeding;
  // Node stops at the first bytes behind a member that begin no further one, without a word.
  if (unpacked.bytesWritten < received) throw damaged(name, unpacked.bytesWritten, 'what follows is no gzip');
}

async function feed(
  packed: AsyncIterable<Buffer>,
  unpacked: Gunzip,
  count: (length: number) => void,
): Promise<void> {
  for await (const chunk of packed) {
    if (unpacked.destroyed || unpacked.readableEnded) return;
    count(chunk.length);
    // Copied, since a chunk is good only until the next one is asked for, and zlib works on its own time.
    if (!unpacked.write(Buffer.from(chunk))) await drained(unpacked);
  }
  unpacked.end();
}

async function drained(stream: Gunzip): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close', 'end'] as const) stream.off(event, settle);
      resolve();
    };
    for (const event of ['drain', 'close', 'end'] as const) stream.on(event, settle);
  });
}

function damaged(name: string, offset: number, why: string, cause?: unknown): SluiceError {
  return new SluiceError(
    'badData',
    `${name}: damaged gzip behind byte ${offset}: ${why}`,
    'the last of what stands before it is lost too; `gzip -t` tells more',
    cause,
  );
}
