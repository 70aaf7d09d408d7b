// Files that are read on, whatever becomes of them between two runs or while they are followed.
import { describe, expect, test } from 'vitest';
import type { Run, TestJob } from '../helpers/jobs.ts';
import { both, runsOnly, world, type Case, type World } from './log-cases.ts';

async function runs({ operand, steps }: Case, run: Run): Promise<World> {
  const log = world(operand);
  for (const step of steps) {
    step(log);
    await log.job.run(run);
  }
  return log;
}

async function followed({ operand, steps }: Case, run: Run): Promise<World> {
  const log = world(operand);
  const [first, ...others] = steps;
  first?.(log);
  await log.job.run({ isFollowing: true, between: others.map((step) => () => step(log)), ...run });
  return log;
}

const warningsOf = ({ warnings }: TestJob): string =>
  [...new Set(warnings)].join('\n').replaceAll(/\/.*\//g, '');

const byRecords: Run = { policy: { by: 'records', limit: 1 } };

describe.each(both)('$name', (one) => {
  test.each([
    { how: 'in runs', make: () => runs(one, {}) },
    { how: 'in runs, a record a batch', make: () => runs(one, byRecords) },
    { how: 'followed', make: () => followed(one, byRecords) },
    { how: 'in runs that follow', make: () => runs(one, { ...byRecords, isFollowing: true }) },
  ])('$how', async ({ how, make }) => {
    const { job } = await make();
    expect(job.records.join(' ')).toBe(one.records);
    expect(warningsOf(job)).toBe(how === 'followed' && one.isFollowed === false ? '' : (one.warnings ?? ''));
  });
});

/** A run that ends has no place in a file that nothing was read of. */
const followedOnly: Case[] = [
  {
    name: '(fault 10) copied and emptied before anything of it was read, twice: the copies are',
    steps: [
      ({ write, age }) => {
        write('old\n', 'app.log.1');
        age('app.log.1', 70);
        write('');
        age('app.log', 60);
      },
      ({ write, copy, truncate, rename, age }) => {
        rename('app.log.1', 'app.log.2');
        write('a\n');
        copy('app.log', 'app.log.1');
        age('app.log.1', 50);
        truncate();
        age('app.log', 40);
      },
      ({ write, copy, truncate, rename }) => {
        rename('app.log.2', 'app.log.3');
        rename('app.log.1', 'app.log.2');
        write('b\n');
        copy('app.log', 'app.log.1');
        truncate();
        write('c\n');
      },
      ({ write }) => write('d\n'),
    ],
    records: 'a b c d',
  },
];

test.each(followedOnly)('$name', async (one) => {
  const { job } = await followed(one, byRecords);
  expect(job.records.join(' ')).toBe(one.records);
  expect(warningsOf(job)).toBe('');
});

describe.each(runsOnly)('$name', (one) => {
  test.each([{ isFollowing: false }, { isFollowing: true }])('followed: $isFollowing', async (run) => {
    const { job } = await runs(one, { ...run, ...byRecords });
    expect(job.records.join(' ')).toBe(one.records);
    expect(warningsOf(job)).toBe(one.warnings ?? '');
  });
});

test('the last run takes a last line without its end for one', async () => {
  const { job, write } = world();
  write('a\nb');
  await job.run();
  expect(job.records).toEqual(['a']);
  await job.run({ isFinal: true });
  expect(job.records).toEqual(['a', 'b']);
});

test('(fault 11) a reused inode: another file by its head', async () => {
  const { job, write, remove } = world();
  write('a\nb\n');
  await job.run();
  remove();
  // Most file systems give the number away again at once; where this one does not, it is a new file all the same.
  write('c\nd\ne\n');
  await job.run();
  expect(job.records).toEqual(['a', 'b', 'c', 'd', 'e']);
});
