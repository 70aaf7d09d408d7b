// Tests that need a program of the system. Where it is missing they are passed over, and said to be; in CI that is a failure,
// since nobody would notice.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export function describeWith(program: string, title: string, body: () => void): void {
  if (hasProgram(program)) return void describe(title, body);
  if (!process.env['CI']) {
    console.warn(`not tested, since there is no ${program}: ${title}`);
    return void describe.skip(title, body);
  }
  test(title, () => {
    throw new Error(`there is no ${program}: in CI, what needs it has to be tested`);
  });
}
