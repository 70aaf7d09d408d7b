// One run at a time: a lock is somebody's, by whatever path, until its holder dies.
import { renameSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { takeLock, waitForLocks } from '../../src/state/lock.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

// Each test has names of its own: a folder that is removed leaves its inode to the next, and locks live as long as this process.

// (36)
test('is taken once, also by another path, and by another name of the folder', async () => {
  const folder = temporaryFolder();
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  expect(await takeLock(folder, 'a')).toBe(true);
  expect(await takeLock(folder, 'a')).toBe(false);
  expect(await takeLock(link, 'a')).toBe(false);
  expect(await takeLock(folder, 'b')).toBe(true);
  expect(await takeLock(temporaryFolder(), 'a')).toBe(true);
  renameSync(folder, `${folder}-moved`);
  expect(await takeLock(`${folder}-moved`, 'a')).toBe(false);
  renameSync(`${folder}-moved`, folder);
});

test('of twenty that try at once one has it', async () => {
  const folder = temporaryFolder();
  const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(folder, 'c')));
  expect(taken.filter(Boolean)).toHaveLength(1);
});

test('is waited for so long, and says which one is still taken', async () => {
  const folder = temporaryFolder();
  await takeLock(folder, 'd');
  const started = performance.now();
  expect(await waitForLocks(folder, ['e', 'd'], 100)).toBe('d');
  expect(performance.now() - started).toBeGreaterThanOrEqual(99);
  expect(await waitForLocks(folder, ['e'], 100)).toBeUndefined();
});
