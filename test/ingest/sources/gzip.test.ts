import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../../src/errors.ts';
import { gunzipIfNeeded } from '../../../src/ingest/sources/gzip.ts';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What was read, and the error that ended it. */
async function unpack(bytes: Buffer, size = bytes.length || 1): Promise<{ text: string; error: string }> {
  const pieces: Buffer[] = [];
  let error = '';
  try {
    for await (const piece of gunzipIfNeeded(chunksOf(bytes, size), 'a.log')) pieces.push(piece);
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    error = `${thrown.exit}: ${thrown.message}`;
  }
  return { text: Buffer.concat(pieces).toString(), error };
}

const member = gzipSync('hello\n');
const other = gzipSync('world\n');
const sizes = [1, 2, 3, 7, member.length - 1, member.length, member.length + 1, 1000];

describe.each(sizes)('in chunks of %i bytes (fault 13)', (size) => {
  test.each([
    { name: 'nothing', bytes: Buffer.alloc(0), text: '' },
    { name: 'plain text', bytes: Buffer.from('plain\ntext'), text: 'plain\ntext' },
    { name: 'text that begins like gzip', bytes: Buffer.from([0x1f, 0x8b]), text: '\x1f\ufffd' },
    { name: 'gzip', bytes: member, text: 'hello\n' },
    { name: 'two members', bytes: Buffer.concat([member, other]), text: 'hello\nworld\n' },
    {
      name: 'an empty member between',
      bytes: Buffer.concat([member, gzipSync(''), other]),
      text: 'hello\nworld\n',
    },
  ])('$name', async ({ bytes, text }) => {
    expect(await unpack(bytes, size)).toEqual({ text, error: '' });
  });

  test('cut off', async () => {
    const { error } = await unpack(member.subarray(0, -3), size);
    expect(error).toMatch(/^badData: a\.log: damaged gzip behind byte \d+: it is cut off$/);
  });

  test('the second member cut off: the first is read', async () => {
    const { text, error } = await unpack(Buffer.concat([member, other.subarray(0, 12)]), size);
    expect(text).toMatch(/^hello\n/);
    expect(error).toMatch(/it is cut off$/);
  });

  test.each(['garbage behind\n', 'x', '\x1f\x8b\x07 nearly gzip'])('garbage behind: %j', async (garbage) => {
    const { text, error } = await unpack(Buffer.concat([member, Buffer.from(garbage, 'latin1')]), size);
    // zlib gives nothing of a piece in which it finds an error, so the last chunk may be missing.
    expect(text).toEqual(
      size > member.length && garbage.length > 1 ? expect.stringMatching(/^(hello\n)?$/) : 'hello\n',
    );
    expect(error).toMatch(/^badData: a\.log: damaged gzip behind byte \d+: /);
  });

  test('a wrong checksum', async () => {
    const bytes = Buffer.from(member);
    bytes.writeUInt32LE(1, bytes.length - 8);
    expect((await unpack(bytes, size)).error).toMatch(/^badData: a\.log: damaged gzip behind byte \d+: /);
  });
});

test('an error of the source is told as it is', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield member.subarray(0, 10);
    throw new SluiceError('inputOutput', 'cannot read a.log');
  }
  await expect(async () => {
    for await (const piece of gunzipIfNeeded(failing(), 'a.log')) expect(piece).toBeDefined();
  }).rejects.toThrow('cannot read a.log');
});

test('a large member in small chunks comes whole', async () => {
  const text = Array.from({ length: 50_000 }, (_, index) => `line ${index * 7919}`).join('\n');
  expect((await unpack(gzipSync(text), 999)).text).toBe(text);
});

test('a reader that stops early stops the source', async () => {
  let isClosed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield gzipSync('x'.repeat(100_000));
    } finally {
      isClosed = true;
    }
  }
  for await (const piece of gunzipIfNeeded(endless(), 'a.log')) if (piece.length > 0) break;
  await expect.poll(() => isClosed).toBe(true);
});
