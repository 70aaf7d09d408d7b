// The short form of `node test/flume/kill.js`.
import { expect, test } from 'vitest';
import { createRandom } from '../bench/random.js';
import { runTrial, type Trial } from './kill.js';
import { describeWithFlume } from './with-agent.ts';

const usual = { events: 20_000, kills: 0, agentKills: 0, dedups: false, span: 800 };
const trials: (Omit<Trial, 'random'> & { name: string })[] = [
  { ...usual, name: 'a memory channel, the job is killed', channel: 'memory', kills: 3 },
  {
    ...usual,
    name: 'a file channel, the job is killed, ids tell what comes twice',
    channel: 'file',
    kills: 3,
    dedups: true,
  },
  { ...usual, name: 'a file channel, the agent is killed', channel: 'file', agentKills: 1 },
];

describeWithFlume('killed at random, then run again', () => {
  test.each(trials)(
    '$name: nothing is lost',
    async (trial) => {
      const { lost, twice } = await runTrial({ ...trial, random: createRandom(1) });
      expect(lost).toBe(0);
      if (trial.dedups) expect(twice).toBe(0);
    },
    180_000,
  );
});
