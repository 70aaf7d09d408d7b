import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { MessagesOfOthers } from '../../../src/emit/terminal/messages-of-others.ts';
import { handOver, mailboxOf } from '../../../src/stage/shared-screen.ts';
import { temporaryFolder } from '../../helpers/temporary.ts';

const device = 34_816;

beforeEach(() => void vi.stubEnv('TMPDIR', temporaryFolder()));
afterEach(() => void vi.unstubAllEnvs());

test('is said in order by whoever draws there, and by oneself where nobody does', async () => {
  expect(handOver('early\n', device)).toBe(false);
  const others = await MessagesOfOthers.open(device);
  expect(others?.take()).toBe('');
  expect(handOver('one\n', device)).toBe(true);
  expect(handOver('zwölf\n', device)).toBe(true);
  expect(handOver('of another terminal\n', device + 1)).toBe(false);
  expect(others?.take()).toBe('one\nzwölf\n');
  expect(handOver('last\n', device)).toBe(true);
  expect(others?.close()).toBe('last\n');
  expect(handOver('late\n', device)).toBe(false);
  expect(existsSync(mailboxOf(device))).toBe(false);
});

test('what is too long, or too much, is not taken', async () => {
  const others = await MessagesOfOthers.open(device);
  onTestFinished(() => void others?.close());
  expect(handOver('x'.repeat(5000), device)).toBe(false);
  let taken = 0;
  while (handOver('x'.repeat(4000), device)) taken += 1;
  expect(others?.take()).toHaveLength(4000 * taken);
});

test('of several pipelines on one terminal the first takes them; what one that was killed left is done away with', async () => {
  writeFileSync(mailboxOf(device), '');
  expect(handOver('to a file\n', device)).toBe(false);
  const first = await MessagesOfOthers.open(device);
  expect(await MessagesOfOthers.open(device)).toBeUndefined();
  expect(handOver('to the first\n', device)).toBe(true);
  expect(first?.close()).toBe('to the first\n');
});
