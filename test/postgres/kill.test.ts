// The short form of `node test/postgres/kill.js`: a few kills for each way into a database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../bench/random.js';
import { makeTrials, pipelines } from './kill.js';
import { describeWithPostgres } from './with-postgres.ts';

describeWithPostgres('killed at random, then run again', (cluster) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-database-kills-'));
  let trial: ReturnType<typeof makeTrials>;
  beforeAll(() => void (trial = makeTrials(cluster(), folder, createRandom(7))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const target of ['sqlite', 'postgres'])
    test.each(pipelines)(
      `${target}: $name`,
      async (pipeline) => {
        for (const form of ['shell', 'run'])
          expect((await trial(pipeline, target, form, 2)).problem).toBeUndefined();
      },
      180_000,
    );
});
