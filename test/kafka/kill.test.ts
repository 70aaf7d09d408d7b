// The short form of `node test/kafka/kill.js`: a few kills for each pipeline from topic to topic.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../bench/random.js';
import { makeTrials, pipelines } from './kill.js';
import { describeWithKafka } from './with-broker.ts';

describeWithKafka('killed at random, then run again', {}, (broker) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-kafka-kills-'));
  let trials: Awaited<ReturnType<typeof makeTrials>> | undefined;
  beforeAll(async () => (trials = await makeTrials(broker(), folder, createRandom(1))));
  afterAll(async () => {
    await trials?.close();
    rmSync(folder, { recursive: true });
  });

  const forms = pipelines.flatMap((pipeline) => [
    { name: pipeline.name, form: 'shell', pipeline },
    { name: pipeline.name, form: 'run', pipeline },
  ]);

  test.each(forms)(
    '$name, $form: a reader of committed records finds each once (fault 1)',
    async ({ form, pipeline }) => {
      const outcome = await trials?.trial(pipeline, form, 2);
      expect(outcome?.problem).toBeUndefined();
    },
  );
});
