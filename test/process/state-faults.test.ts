// A job whose state files are damaged, or that dies while it writes one: the line is run again, and the sink holds what it
// would have held, or the line says why it cannot go on. It never begins anew by itself, and never fails for ever.
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { newFolder, removeFolder, temporaryFolder } from '../helpers/temporary.ts';
import { runShell, startShell } from '../helpers/shell.ts';
import { signalStages, stagesOf, until } from '../helpers/processes.ts';

const text = Array.from({ length: 300 }, (_, index) => `w${(index * 7) % 13} w${index % 5}\n`);
const stages = [
  'sluice ingest --state st in.txt',
  'sluice batch --records 20 --checkpoint 1ms',
  'sluice reduce --words --running --emit changed',
  'sluice emit r.csv',
];
const line = stages.join(' | ');
let undisturbed = '';

/** Each folder has half of the input at first, and a run that took it. */
async function halfDone(): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'in.txt'), text.slice(0, 160).join(''));
  expect(await runShell(`cd ${folder}; ${line}`)).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
  writeFileSync(join(folder, 'in.txt'), text.join(''));
  return folder;
}

beforeAll(async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'in.txt'), text.slice(0, 160).join(''));
  await runShell(`cd ${folder}; ${line}`);
  writeFileSync(join(folder, 'in.txt'), text.join(''));
  await runShell(`cd ${folder}; ${line}`);
  undisturbed = readFileSync(join(folder, 'r.csv'), 'utf8');
  removeFolder(folder);
});

const sinkIn = (folder: string): string => readFileSync(join(folder, 'r.csv'), 'utf8');

/** The newest file of a folder of the state. */
function newest(folder: string, name: string): string {
  const files = readdirSync(join(folder, 'st', name)).sort();
  return join(folder, 'st', name, files.at(-1) ?? '');
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 4] = (bytes.at(-4) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test.for<[string, string, (path: string) => void]>([
  ['the newest commit, a bit flipped', 'commits', flip],
  ['the newest commit, torn', 'commits', (path) => truncateSync(path, 30)],
  ['the newest commit, empty', 'commits', (path) => truncateSync(path, 0)],
  ['the newest snapshot, a bit flipped', 'state/2-reduce', flip],
  ['the newest snapshot, torn', 'state/2-reduce', (path) => truncateSync(path, 100)],
])('(fault 2) %s: the one before is used, with one warning', async ([, name, damage]) => {
  const folder = await halfDone();
  damage(newest(folder, name));
  const check = await runShell(`sluice state check ${folder}/st; echo $?`);
  expect(check.stdout).toMatch(
    // How many checkpoints there are is a matter of time.
    new RegExp(
      `^${name}/\\d{6}: .*\\n  .*\\na run begins (behind checkpoint \\d+|with the first batch)\\n74\\n$`,
    ),
  );
  const { stderr, exits } = await runShell(`cd ${folder}; ${line}`);
  expect(exits).toEqual([0, 0, 0, 0]);
  expect(stderr).toMatch(/^sluice ingest: .* is used\n$/);
  expect(sinkIn(folder)).toBe(undisturbed);
  expect(await runShell(`sluice state check ${folder}/st; echo $?`)).toMatchObject({
    stdout: expect.stringMatching(/^all is whole: a run begins behind checkpoint \d+\n0\n$/) as string,
  });
});

// It says so, again and again, and the sink stays as it is.
test.for<[string, (folder: string) => void, string]>([
  ['job.json', (folder) => flip(join(folder, 'st/job.json')), 'whose state this is cannot be told'],
  ['job.json, gone', (folder) => rmSync(join(folder, 'st/job.json')), 'whose state this is cannot be told'],
  [
    'all commits',
    (folder) =>
      readdirSync(join(folder, 'st/commits')).forEach((name) => flip(join(folder, 'st/commits', name))),
    'no checkpoint is left',
  ],
  [
    'all snapshots of a stage',
    (folder) =>
      readdirSync(join(folder, 'st/state/2-reduce')).forEach((name) =>
        flip(join(folder, 'st/state/2-reduce', name)),
      ),
    'no checkpoint is left',
  ],
  [
    'the snapshots of a stage, gone',
    (folder) => rmSync(join(folder, 'st/state/2-reduce'), { recursive: true }),
    '2-reduce',
  ],
])('%s: refused, until the state is reset', async ([, damage, message]) => {
  const folder = await halfDone();
  const before = sinkIn(folder);
  damage(folder);
  for (let time = 0; time < 2; time += 1) {
    const { stderr, exits } = await runShell(`cd ${folder}; ${line}`);
    expect(stderr).toContain(message);
    expect(exits.at(-1)).toBe(74);
    expect(exits).not.toContain(70);
    expect(sinkIn(folder)).toBe(before);
  }
  const { stdout, exits } = await runShell(`cd ${folder}; sluice state reset st && ls st; ${line}`);
  expect(stdout).toBe('');
  expect(exits).toEqual([0, 0, 0, 0]);
});

test('a damaged `run` is nothing: each run writes it anew', async () => {
  const folder = await halfDone();
  flip(join(folder, 'st/run'));
  expect(await runShell(`cd ${folder}; ${line}`)).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
  expect(sinkIn(folder)).toBe(undisturbed);
});

// (37)
test.for(['commits', 'state/2-reduce', 'job.json'])('%s of another version is refused', async (name) => {
  const folder = await halfDone();
  const path = name === 'job.json' ? join(folder, 'st', name) : newest(folder, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2'));
  const before = sinkIn(folder);
  const { stderr, exits } = await runShell(`cd ${folder}; ${line}`);
  expect(stderr).toContain('state of version 2, this one knows version 1');
  expect(exits[0]).toBe(78);
  expect(sinkIn(folder)).toBe(before);
});

// `kill -9` in the middle of writing, in the stage at this place.
test.for<[number, string]>([
  [0, 'half-written'],
  [0, 'written'],
  [0, 'renamed'],
  [1, 'half-logged'],
  [1, 'half-logged#5'],
  [2, 'half-written'],
  [2, 'written'],
  [2, 'renamed'],
  [3, 'half-written'],
  [3, 'half-written#2'],
  [3, 'written#2'],
  [3, 'renamed'],
  [3, 'renamed#2'],
])('(fault 2) stage %i dies at %s', async ([index, point]) => {
  const folder = await halfDone();
  const dies = stages
    .map((stage, place) => (place === index ? `SLUICE_FAULT=${point} ${stage}` : stage))
    .join(' | ');
  expect((await runShell(`cd ${folder}; ${dies}`)).exits[index]).toBe(137);
  expect(await runShell(`cd ${folder}; ${line}`)).toMatchObject({ exits: [0, 0, 0, 0], stderr: '' });
  expect(sinkIn(folder)).toBe(undisturbed);
});

// (36)
test('a second run, and a reset, while one has the folder: 75; once it is killed the lock is free', async () => {
  // Nobody reads, so that ingest waits.
  const first = startShell('seq 1000000 >in.txt; sluice ingest --state st in.txt | sleep 20');
  const state = join(first.folder, 'st');
  await until('it has the folder', () => existsSync(join(state, 'run')) || undefined);
  const same = `cd ${first.folder}; sluice ingest --state st in.txt | sluice batch --once | sluice emit r.csv`;
  const second = await runShell(same);
  expect(second.exits[0]).toBe(75);
  expect(second.stderr).toContain(`sluice ingest: another run is using the state in ${state}\n`);
  const reset = await runShell(
    `sluice state reset ${state}; echo $?; sluice state show ${state} | grep 'used by'`,
  );
  expect(reset.stdout).toBe('75\nused by   a run\n');
  expect(reset.stderr).toContain(`a run is using the state in ${state}\n`);
  signalStages(stagesOf(first), 'SIGKILL');
  await until('its lock is free', async () =>
    (await runShell(`sluice state show ${state}`)).stdout.includes('nobody') ? true : undefined,
  );
  expect(await runShell(same)).toMatchObject({ exits: [0, 0, 0], stderr: '' });
  first.signal('SIGKILL');
  await first.done;
});

test('what is no state folder is left alone', async () => {
  const { stdout, stderr } = await runShell(
    `mkdir -p home/commits home/offsets; echo x > home/run.txt; sluice state reset home; echo $?; sluice state reset none; echo $?; sluice state reset; echo $?; ls home`,
  );
  expect(stdout).toBe('66\n66\n2\ncommits\noffsets\nrun.txt\n');
  expect(stderr).toContain('sluice state: home holds no state of a job\n');
});

test('a reset leaves the folder, and what else is in it', async () => {
  const folder = await halfDone();
  writeFileSync(join(folder, 'st/note'), '');
  expect(await runShell(`sluice state reset ${folder}/st; ls -A ${folder}/st`)).toMatchObject({
    stdout: 'note\n',
  });
});

test('show fits 80 columns, and says where the job stands', async () => {
  const folder = await halfDone();
  const { stdout } = await runShell(`cd ${folder}; sluice state show st`);
  expect(stdout.replaceAll(folder, '…')).toMatch(
    new RegExp(
      [
        '^state in  …/st',
        'job       [0-9a-f-]{36}',
        'used by   nobody at the moment',
        'size      [\\d.]+ KiB in \\d+ files',
        'stages    0-ingest  .*',
        '          1-batch',
        '          2-reduce  holds [\\d.]+ K?i?B .*',
        '          3-emit    holds .*',
        'commit    the sinks have all up to batch 7, \\d+ s ago \\(.*Z\\)',
        '          checkpoints behind batch 7( and \\d)?',
        'next run  begins behind checkpoint 7',
        'sources   in.txt  byte \\d+\n$',
      ].join('\\s*\n'),
    ),
  );
  for (const row of stdout.replaceAll(folder, '').split('\n')) expect(row.length).toBeLessThanOrEqual(80);
});
