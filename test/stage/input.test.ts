import { describe, expect, test } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { readEnvelopes } from '../../src/stage/input.ts';

const ours = '{"v":1,"batch":0,"part":0,"last":true,"n":1,"records":[1]}\n';
const ending = '{"v":1,"n":0,"end":"ok","records":[]}\n';

async function* chunks(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function read(text: string): Promise<string> {
  const seen: string[] = [];
  try {
    const envelopes = readEnvelopes(chunks(text), () => seen.push('cut off'));
    let result = await envelopes.next();
    for (; !result.done; result = await envelopes.next()) seen.push(`batch ${result.value.header.batch}`);
    seen.push(result.value.header.end ?? 'no end');
  } catch (error) {
    seen.push(messageOf(error).split(':')[0] ?? '');
  }
  return seen.join(', ');
}

describe('how a stream ends', () => {
  test.each([
    ['nothing', '', 'cut off, failed'],
    ['a whole stream', ours + ending, 'batch 0, ok'],
    ['blank lines between', `\n${ours}  \r\n${ending}\n`, 'batch 0, ok'],
    ['upstream died', ours, 'batch 0, cut off, failed'],
    ['upstream died within a line', ours + ending.slice(0, 9), 'batch 0, cut off, failed'],
    ['hand-made, without an end', '{"records":[1]}\n{"records":[2]}', 'batch 0, batch 1, ok'],
    ['something behind the end', ours + ending + ours, 'batch 0, envelope out of order, line 3'],
    ['something unfinished behind the end', `${ours}${ending}{"v":1`, 'batch 0, not an envelope, line 3'],
    ['text', 'plain text\n', 'not an envelope, line 1'],
  ])('%s', async (_name, text, expected) => {
    expect(await read(text)).toBe(expected);
  });
});
