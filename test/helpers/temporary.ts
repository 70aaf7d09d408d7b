// Folders that live as long as a test, and the folders every test needs.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** A new empty folder, removed when the test is over. */
export function temporaryFolder(): string {
  const folder = newFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-test-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** What a shell line is run with: a folder to work in, with `fixtures/`, and sluice as `npm link` puts it on PATH. */
export function furnish(folder: string): { workFolder: string; binFolder: string } {
  const [workFolder, binFolder] = [join(folder, 'work'), join(folder, 'bin')];
  mkdirSync(workFolder);
  mkdirSync(binFolder);
  symlinkSync(join(packageFolder, 'fixtures'), join(workFolder, 'fixtures'));
  symlinkSync(join(packageFolder, 'bin/sluice.js'), join(binFolder, 'sluice'));
  return { workFolder, binFolder };
}
