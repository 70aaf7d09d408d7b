// Files of a state folder that are not as they were written: torn, with a bit flipped, gone. What can be read still is read,
// and what cannot be is never taken for nothing.
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DamagedFile, readChecked, writeChecked } from '../../src/state/checked.ts';
import { Commits, newestCommit } from '../../src/state/commits.ts';
import {
  clearBefore,
  namesIn,
  numbered,
  numbersIn,
  openStateFolder,
  type StateFolder,
} from '../../src/state/folder.ts';
import { checkIdentity, checkStages, readJob, writeJob } from '../../src/state/identity.ts';
import { damageIn, isUnbegun, OffsetsLog, readOffsets } from '../../src/state/offsets-log.ts';
import { recover } from '../../src/state/recover.ts';
import { writeSnapshot } from '../../src/state/snapshots.ts';
import { failureOf } from '../helpers/envelopes.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

const warnings: string[] = [];
const warn = (message: string): void => void warnings.push(message);

describe('a checked file', () => {
  const body = `${JSON.stringify({ text: 'ü'.repeat(20) })}\n`;

  test('is read as it was written, and none is none', () => {
    const path = join(temporaryFolder(), 'file');
    expect(readChecked(path)).toBeUndefined();
    writeChecked(path, body);
    expect(readChecked(path)).toBe(body);
  });

  // (2)
  test('is refused with any bit flipped, and however it is cut off', () => {
    const path = join(temporaryFolder(), 'file');
    writeChecked(path, body);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      writeFileSync(path, whole.subarray(0, at));
      expect(() => readChecked(path)).toThrow(DamagedFile);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      writeFileSync(path, flipped);
      let read: string | undefined;
      try {
        read = readChecked(path);
      } catch {
        continue;
      }
      // In the first line some of it is not looked at.
      expect(read).toBe(body);
    }
  });

  // (37)
  test('of another version is refused, not begun anew', () => {
    const path = join(temporaryFolder(), 'file');
    writeChecked(path, body);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2'));
    expect(failureOf(() => readChecked(path))).toMatch(
      /^stateMisfit: .*state of version 2, this one knows version 1$/,
    );
  });
});

describe('commits', () => {
  function committed(count: number): string {
    const { commits } = openStateFolder(temporaryFolder());
    const written = new Commits(commits);
    for (let batch = 0; batch < count; batch += 1) written.write({ batch, checkpoints: [], sinks: [] });
    return commits;
  }

  test('the newest two are kept', () => {
    const folder = committed(5);
    expect(numbersIn(folder)).toEqual([3, 4]);
    expect(newestCommit(folder, warn)?.batch).toBe(4);
  });

  // (2)
  test.for([
    ['torn', (path: string) => truncateSync(path, 70)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['a bit flipped', (path: string) => flip(path, -5)],
  ] as const)('the newest is damaged, %s: the one before is used, with one warning', ([, damage]) => {
    const folder = committed(5);
    damage(numbered(folder, 4));
    warnings.length = 0;
    expect(newestCommit(folder, warn)?.batch).toBe(3);
    expect(warnings).toEqual([expect.stringMatching(/000004.*: the one before is used$/)]);
  });
});

test('clearing takes what a kill left half-written along', () => {
  const folder = temporaryFolder();
  for (const name of ['000001', '000002.part', '000003', '000003.part', 'note'])
    writeFileSync(join(folder, name), '');
  clearBefore(folder, 3);
  expect(namesIn(folder).sort()).toEqual(['000003', '000003.part', 'note']);
});

describe('the log of batches', () => {
  const batchOf = (batch: number) => ({
    batch,
    records: 1,
    offsets: { f: { from: { offset: batch }, until: { offset: batch + 1 } } },
  });
  const startOf = (offset: number) => ({ positions: { f: { offset } } });
  const numbers = (folder: string, after: number): number[] | undefined =>
    readOffsets(folder, after)?.batches.map(({ batch }) => batch);

  /** Batches 0 to 5, with checkpoints behind 1 and 3. */
  function logged(): { folder: string; log: OffsetsLog } {
    const { offsets: folder } = openStateFolder(temporaryFolder());
    const log = new OffsetsLog(folder);
    log.resume(-1, startOf(0));
    for (let batch = 0; batch < 6; batch += 1) {
      log.append(batchOf(batch));
      if (batch === 1 || batch === 3) log.begin(batch, startOf(batch + 1));
    }
    return { folder, log };
  }

  test('is read behind a checkpoint; what was cleared away is not there', () => {
    const { folder } = logged();
    expect(numbers(folder, -1)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(folder, 1)).toEqual([2, 3, 4, 5]);
    expect(readOffsets(folder, 3)).toEqual({ start: startOf(4), batches: [batchOf(4), batchOf(5)] });
    expect(readOffsets(folder, 4)).toBeUndefined();
    expect(damageIn(folder)).toEqual([]);
  });

  // (2)
  test('a torn last line is no damage, and is written anew', () => {
    const { folder, log } = logged();
    log.close();
    appendFileSync(numbered(folder, 4), '{"batch":6,"rec');
    expect(numbers(folder, 3)).toEqual([4, 5]);
    expect(damageIn(folder)).toEqual([]);
    const again = new OffsetsLog(folder);
    again.resume(3, startOf(0));
    again.append(batchOf(6));
    expect(readOffsets(folder, 3)).toEqual({ start: startOf(4), batches: [4, 5, 6].map(batchOf) });
  });

  // (2)
  test.for<[string, (folder: string) => void, number, number[]]>([
    ['a bit flipped in a line', (folder) => flip(numbered(folder, 2), -40), 2, [0, 1, 2]],
    [
      'a file cut off at the end of a line',
      (folder) =>
        truncateSync(numbered(folder, 2), readFileSync(numbered(folder, 2)).lastIndexOf('\n', -2) + 1),
      2,
      [0, 1, 2],
    ],
    ['a file of the middle gone', (folder) => rmSync(numbered(folder, 2)), 0, [0, 1]],
    ['a first line damaged', (folder) => flip(numbered(folder, 2), 5), 2, [0, 1]],
  ])('%s: what is behind is not taken for what follows, and goes', ([, damage, file, expected]) => {
    const { folder, log } = logged();
    log.close();
    damage(folder);
    const since = readOffsets(folder, -1);
    expect(since?.batches.map(({ batch }) => batch)).toEqual(expected);
    expect(since?.damaged).toBe(numbered(folder, file));
    expect(damageIn(folder)).toHaveLength(1);
    const next = expected.length;
    const again = new OffsetsLog(folder);
    again.resume(-1, startOf(0));
    again.append(batchOf(next));
    again.close();
    expect(readOffsets(folder, -1)).toEqual({ start: startOf(0), batches: [...expected, next].map(batchOf) });
  });

  test('one torn line is as nothing; a whole one, or another file, is not', () => {
    const { offsets } = openStateFolder(temporaryFolder());
    expect(isUnbegun(offsets)).toBe(true);
    writeFileSync(numbered(offsets, 0), '{"positions":{"f"');
    expect(isUnbegun(offsets)).toBe(true);
    new OffsetsLog(offsets).resume(-1, startOf(0));
    expect(isUnbegun(offsets)).toBe(false);
    expect(numbers(offsets, -1)).toEqual([]);
    rmSync(numbered(offsets, 0));
    writeFileSync(numbered(offsets, 7), '');
    expect(isUnbegun(offsets)).toBe(false);
  });
});

describe('where a run begins', () => {
  /** Checkpoints 1 and 3, batches up to 5 logged, up to 4 committed. */
  function folderOfJob(): StateFolder {
    const folder = openStateFolder(temporaryFolder());
    writeJob(folder, [
      { key: '0-ingest', shape: '' },
      { key: '1-reduce', shape: 'count' },
    ]);
    const log = new OffsetsLog(folder.offsets);
    log.begin(1, { positions: {} });
    for (const batch of [2, 3]) log.append({ batch, records: 1, offsets: {} });
    log.begin(3, { positions: {} });
    for (const batch of [4, 5]) log.append({ batch, records: 1, offsets: {} });
    log.close();
    for (const checkpoint of [1, 3])
      writeSnapshot(folder.stage('1-reduce'), checkpoint, { rows: checkpoint });
    const commits = new Commits(folder.commits);
    commits.write({ batch: 3, checkpoints: [1], sinks: [] });
    commits.write({ batch: 4, checkpoints: [3, 1], sinks: [] });
    return folder;
  }

  // (2): what is damaged, checkpoint, batches that are known, warnings.
  test.for<[string, (folder: StateFolder) => void, number, number[], number]>([
    ['nothing', () => undefined, 3, [4, 5], 0],
    ['the newest commit', ({ commits }) => flip(numbered(commits, 1), -3), 1, [2, 3, 4, 5], 1],
    ['the newest snapshot', ({ stage }) => flip(numbered(stage('1-reduce'), 3), -3), 1, [2, 3, 4, 5], 1],
    [
      'the newest snapshot, cut off',
      ({ stage }) => truncateSync(numbered(stage('1-reduce'), 3), 10),
      1,
      [2, 3, 4, 5],
      1,
    ],
    ['the newest snapshot, gone', ({ stage }) => rmSync(numbered(stage('1-reduce'), 3)), 1, [2, 3, 4, 5], 0],
    ['the last batch, which is not committed', ({ offsets }) => flip(numbered(offsets, 4), -3), 3, [4], 0],
    ['the older commit', ({ commits }) => truncateSync(numbered(commits, 0), 0), 3, [4, 5], 0],
    ['the older snapshot', ({ stage }) => flip(numbered(stage('1-reduce'), 1), 3), 3, [4, 5], 0],
    ['the log before the newest checkpoint', ({ offsets }) => flip(numbered(offsets, 2), -3), 3, [4, 5], 0],
  ])('%s is damaged', ([, damage, after, batches, warned]) => {
    const folder = folderOfJob();
    damage(folder);
    warnings.length = 0;
    const recovery = recover(folder, warn);
    expect(recovery.after).toBe(after);
    expect(recovery.batches.map(({ batch }) => batch)).toEqual(batches);
    expect(warnings).toHaveLength(warned);
  });

  // (2), (37): never begun anew by itself.
  test.for<[string, (folder: StateFolder) => void]>([
    ['both commits', ({ commits }) => [0, 1].forEach((number) => flip(numbered(commits, number), -3))],
    [
      'both snapshots',
      ({ stage }) => [1, 3].forEach((number) => flip(numbered(stage('1-reduce'), number), -3)),
    ],
    ['a batch that is committed', ({ offsets }) => flip(numbered(offsets, 4), 60)],
    ['all commits, gone', ({ commits }) => [0, 1].forEach((number) => rmSync(numbered(commits, number)))],
    ['the log, gone', ({ offsets }) => rmSync(offsets, { recursive: true })],
  ])('%s: refused', ([, damage]) => {
    const folder = folderOfJob();
    damage(folder);
    expect(failureOf(() => recover(folder, warn))).toMatch(/^inputOutput: the state in .* is damaged/);
  });

  test('a new folder, and one whose first run died at its first line', () => {
    const folder = openStateFolder(temporaryFolder());
    const fresh = { commit: undefined, after: -1, start: { positions: {} }, batches: [] };
    expect(recover(folder, warn)).toEqual(fresh);
    writeFileSync(numbered(folder.offsets, 0), '{"posi');
    expect(recover(folder, warn)).toEqual(fresh);
    writeFileSync(numbered(folder.offsets, 0), '{"posi}\n{"batch":0}\n');
    expect(failureOf(() => recover(folder, warn))).toMatch(/^inputOutput/);
  });
});

describe('whose state it is', () => {
  const stages = [
    { key: '0-ingest', shape: '' },
    { key: '1-reduce', shape: 'count --by user' },
  ];

  test('is the same as long as nothing counts that changed; each beginning has an id of its own', () => {
    const folder = openStateFolder(temporaryFolder());
    expect(readJob(folder)).toBeUndefined();
    const known = writeJob(folder, stages);
    expect(readJob(folder)).toEqual(known);
    expect(writeJob(folder, stages).id).not.toBe(known.id);
    for (const stage of stages) checkIdentity(folder, known, stage);
    checkStages(folder, known, stages);
  });

  // (37)
  test.for([
    [
      'another setting',
      { key: '1-reduce', shape: 'count' },
      '1-reduce was `count --by user` and is now `count`',
    ],
    ['a stage more', { key: '2-emit', shape: '' }, 'there was no stage 2-emit; it was 0-ingest, 1-reduce'],
  ] as const)('%s is refused', ([, stage, message]) => {
    const folder = openStateFolder(temporaryFolder());
    const known = writeJob(folder, stages);
    expect(failureOf(() => checkIdentity(folder, known, stage))).toBe(
      `stateMisfit: the state in ${folder.path} is not of this job: ${message}`,
    );
  });

  test('a stage less is refused', () => {
    const folder = openStateFolder(temporaryFolder());
    const known = writeJob(folder, stages);
    expect(failureOf(() => checkStages(folder, known, stages.slice(1)))).toContain(
      'stage 0-ingest is missing',
    );
  });

  // (2)
  test.for([
    ['damaged', (folder: StateFolder) => flip(folder.job, -3)],
    ['gone, though there are commits', (folder: StateFolder) => rmSync(folder.job)],
  ] as const)('job.json is %s: refused', ([, damage]) => {
    const folder = openStateFolder(temporaryFolder());
    writeJob(folder, stages);
    new Commits(folder.commits).write({ batch: 0, checkpoints: [], sinks: [] });
    damage(folder);
    expect(failureOf(() => readJob(folder))).toMatch(
      /^inputOutput: .*job\.json.*whose state this is cannot be told$/,
    );
  });
});

test('what stands in the way of a folder is told', () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, '');
  expect(failureOf(() => openStateFolder(path))).toMatch(/^cannotCreate: cannot keep state in /);
  mkdirSync(join(path, '..', 'folder'));
  expect(openStateFolder(join(path, '..', 'folder')).path).toBe(join(path, '..', 'folder'));
});
