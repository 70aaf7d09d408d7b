// The short form of `npm run test:faults` (fault 1): a few kills for each pipeline, in the shell and under run.
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../bench/random.js';
import { makeFolder, makeTrial } from './kill.js';
import { pipelines } from './pipelines.js';

const folder = makeFolder(0.3);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(pipelines)('killed at random, then run again: $name', (pipeline) => {
  test.each(['shell', 'run'] as const)('%s (fault 1)', async (form) => {
    const trial = await makeTrial(pipeline, form, folder);
    const outcome = await trial(createRandom(pipeline.name.length), 3);
    expect(outcome.problem).toBeUndefined();
    expect(outcome.kills).toBeLessThanOrEqual(3);
  });
});
