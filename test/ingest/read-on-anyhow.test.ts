// Property: whatever is appended to logs and however they are rotated, in whatever pieces they are read, and wherever runs
// end or die, each line comes once, those of a log in order, and a batch that is made again is the same again. Numbers 9, 10
// and 11 of the list of faults.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestJob } from '../helpers/jobs.ts';
import { newFolder, removeFolder } from '../helpers/temporary.ts';

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('append' as const), lines: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'half' as const, lines: 1 }) },
  { weight: 3, arbitrary: fc.constant({ do: 'rename' as const, lines: 0 }) },
  { weight: 1, arbitrary: fc.constant({ do: 'copy' as const, lines: 0 }) },
  { weight: 1, arbitrary: fc.constant({ do: 'pack' as const, lines: 0 }) },
);
const during = fc.array(fc.record({ log: fc.nat(1), step }), { maxLength: 8 });
const run = fc.record({
  before: during,
  isFollowing: fc.boolean(),
  between: fc.array(during, { maxLength: 3 }),
  diesAfter: fc.option(fc.nat(12), { nil: undefined }),
  policy: fc.oneof(
    fc.record({ by: fc.constant('records' as const), limit: fc.integer({ min: 1, max: 7 }) }),
    fc.constant({ by: 'end' as const }),
  ),
});

type Value = typeof run extends fc.Arbitrary<infer Run> ? Run : never;

/** A log that is written to: what was written is known, and that what was read is not in doubt. */
class WrittenLog {
  readonly path: string;
  readonly name: string;
  readonly lines: string[] = [];
  #half = '';

  constructor(folder: string, name: string) {
    this.name = name;
    this.path = join(folder, name);
    writeFileSync(this.path, '');
  }

  append(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const line = this.#half || this.#next();
      this.#half = '';
      appendFileSync(this.path, `${line.slice(this.#written)}\n`);
      this.#written = 0;
    }
  }

  #written = 0;

  half(): void {
    if (this.#half) return;
    this.#half = this.#next();
    this.#written = 2;
    appendFileSync(this.path, this.#half.slice(0, 2));
  }

  #next(): string {
    const line = `${this.lines.length}-${this.name}`;
    this.lines.push(line);
    return line;
  }

  /** A run has come to its end that has read something of the file. */
  isKnown = false;

  /** Only at the end of a line, as loggers do. */
  rotate(how: 'rename' | 'copy' | 'pack'): void {
    if (this.#half) this.append(1);
    // What nobody has seen of a file cannot be told from another one.
    if ((how === 'copy' && !this.isKnown) || readFileSync(this.path).length === 0) return;
    const [former, packed] = [`${this.path}.1`, `${this.path}.1.gz`];
    if (how === 'pack' && existsSync(former)) {
      const { atime, mtime } = statSync(former);
      writeFileSync(packed, gzipSync(readFileSync(former)));
      utimesSync(packed, atime, mtime);
      unlinkSync(former);
    }
    this.isKnown = false;
    for (let number = 30; number > 0; number -= 1)
      for (const ending of ['', '.gz']) {
        const from = `${this.path}.${number}${ending}`;
        if (existsSync(from)) renameSync(from, `${this.path}.${number + 1}${ending}`);
      }
    if (how === 'copy') {
      copyFileSync(this.path, `${this.path}.1`);
      truncateSync(this.path);
    } else {
      renameSync(this.path, `${this.path}.1`);
      writeFileSync(this.path, '');
    }
  }
}

describe.each([{ turn: 8 * 1024 * 1024 }, { turn: 3 }])('$turn bytes a turn', ({ turn }) => {
  test('each line once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 5 }), async (runs) => {
        const folder = newFolder();
        try {
          const logs = ['a.log', 'b.log'].map((name) => new WrittenLog(folder, name));
          const job = new TestJob(
            join(folder, 'state'),
            logs.map(({ path }) => path),
            { turn },
          );
          const perform = (steps: (typeof runs)[number]['before']): void => {
            for (const {
              log,
              step: { do: what, lines },
            } of steps) {
              const written = logs[log];
              if (what === 'append') written?.append(lines);
              else if (what === 'half') written?.half();
              else written?.rotate(what);
            }
          };
          // What was rotated away before the first run is not read.
          for (const { before, between, ...settings } of [first, ...runs, last]) {
            perform(before);
            await job.run({ ...settings, between: between.map((steps) => () => perform(steps)) });
            if (settings.diesAfter === undefined)
              for (const log of logs) log.isKnown = readFileSync(log.path).length > 0;
          }
          for (const { name, lines } of logs)
            expect(job.records.filter((record) => record.endsWith(name))).toEqual(lines);
          expect(job.warnings).toEqual([]);
        } finally {
          removeFolder(folder);
        }
      }),
      { numRuns: 60 },
    );
  });
});

const appended = [0, 1].map((log) => ({ log, step: { do: 'append' as const, lines: 1 } }));
const first: Value = {
  before: appended,
  isFollowing: false,
  between: [],
  policy: { by: 'end' },
  diesAfter: undefined,
};
/** All that is left is read. */
const last: Value & { isFinal: boolean } = { ...first, isFinal: true };
