// Folders and those above them: made, there already, and where none can be.
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { systemCode } from '../src/errors.ts';
import { makeFolder } from '../src/make-folder.ts';
import { temporaryFolder } from './helpers/temporary.ts';
import { runShell } from './helpers/shell.ts';

let root: string;
beforeEach(() => {
  root = temporaryFolder();
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'none'), join(root, 'dangling'));
  mkdirSync(join(root, 'there'));
  symlinkSync(join(root, 'there'), join(root, 'link'));
});

function failureOf(path: string): string | undefined {
  try {
    makeFolder(path);
    return undefined;
  } catch (error) {
    return systemCode(error);
  }
}

test.each(['a', 'a/b/c/d', 'there', 'there/a', 'link', 'link/a/b', 'a/../b', 'a//b/', 'there/.'])(
  '%s is made',
  (path) => {
    for (let time = 0; time < 2; time += 1) makeFolder(`${root}/${path}`);
    expect(statSync(`${root}/${path}`).isDirectory()).toBe(true);
  },
);

test.each([
  ['file', 'EEXIST'],
  ['file/a', 'ENOTDIR'],
  ['file/a/b', 'ENOTDIR'],
  ['dangling', 'EEXIST'],
  ['dangling/a', 'EEXIST'],
  [`${'x'.repeat(300)}/a`, 'ENAMETOOLONG'],
])('%s cannot be: %s', (path, code) => {
  expect(failureOf(`${root}/${path}`)).toBe(code);
});

test('in a folder that was removed nothing can be, which is said', async () => {
  // A process that goes round for ever hears no other signal.
  const { stdout, stderr } = await runShell(
    'mkdir gone; cd gone; rmdir ../gone; timeout -s KILL 60 sluice ingest --state ./s </dev/null >/dev/null; echo $?',
  );
  expect({ stdout, stderr }).toEqual({
    stdout: '73\n',
    stderr: expect.stringMatching(/^sluice ingest: cannot keep state in .*: .*\n {2}hint: name a folder/),
  });
});

test('where this user may not write', () => {
  const locked = join(root, 'locked');
  mkdirSync(locked, { mode: 0o555 });
  chmodSync(root, 0o711);
  const isRoot = process.geteuid?.() === 0;
  // Root may write anywhere.
  if (isRoot) process.seteuid?.(65_534);
  try {
    expect(failureOf(join(locked, 'a/b'))).toBe('EACCES');
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
