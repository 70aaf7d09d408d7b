import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = import.meta.dirname;
const faults = Array.from(
  readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| (\d+) \|/gm),
  ([, number]) => Number(number),
);

/** The numbers in the titles of all tests: `(fault 3)`, `(faults 4 and 21)`. */
const named = new Set(
  readdirSync(join(folder, '..'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, '..', file), 'utf8');
      return Array.from(
        text.matchAll(/\(faults? ([\d, and]+)\)/g),
        ([, numbers = '']) => numbers.match(/\d+/g) ?? [],
      );
    })
    .flat()
    .map(Number),
);

test.each(faults)('fault %i is in the title of a test', (fault) => {
  expect(named).toContain(fault);
});
