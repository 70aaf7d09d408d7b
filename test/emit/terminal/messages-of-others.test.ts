import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MessagesOfOthers } from '../../../src/emit/terminal/messages-of-others.ts';
import { handOver, mailboxOf } from '../../../src/stage/shared-screen.ts';
import { temporaryFolder } from '../../helpers/temporary.ts';

const device = 34_816;

let screen: { file: string; fd: number };

beforeEach(() => {
  const folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  const file = join(folder, 'screen');
  screen = { file, fd: openSync(file, 'w') };
});
afterEach(() => {
  vi.unstubAllEnvs();
  closeSync(screen.fd);
});

const open = (): Promise<MessagesOfOthers | undefined> => MessagesOfOthers.open(screen.fd, device);
const shown = (): string => readFileSync(screen.file, 'utf8');

test('is said in order by whoever draws there, and by oneself where nobody does', async () => {
  expect(handOver('early\n', device)).toBe(false);
  const others = await open();
  expect(others?.take()).toBe('');
  expect(handOver('one\n', device)).toBe(true);
  expect(handOver('zwölf\n', device)).toBe(true);
  expect(handOver('of another terminal\n', device + 1)).toBe(false);
  expect(others?.take()).toBe('one\nzwölf\n');
  expect(handOver('last\n', device)).toBe(true);
  others?.close();
  expect(shown()).toBe('last\n');
  expect(handOver('late\n', device)).toBe(false);
  expect(existsSync(mailboxOf(device))).toBe(false);
});

test('what is too long, or too much, is not taken', async () => {
  const others = await open();
  expect(handOver('x'.repeat(5000), device)).toBe(false);
  let taken = 0;
  while (handOver('x'.repeat(4000), device)) taken += 1;
  expect(others?.take()).toHaveLength(4000 * taken);
  others?.close();
});

test('of several pipelines on one terminal the first takes them; what one that was killed left is done away with', async () => {
  writeFileSync(mailboxOf(device), '');
  expect(handOver('to a file\n', device)).toBe(false);
  const first = await open();
  expect(await open()).toBeUndefined();
  expect(handOver('to the first\n', device)).toBe(true);
  first?.close();
  expect(shown()).toBe('to the first\n');
});
