// What a state folder holds, for people, within 80 columns.
import { formatSize } from '../command/values.ts';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Position } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { Commit } from './commits.ts';
import { numbered, numbersIn, type StateFolder } from './folder.ts';
import { readJob, type KnownJob } from './identity.ts';
import { holderOf } from './lock.ts';
import { recover, type Recovery } from './recover.ts';

type Section = { readonly title: string; readonly lines: readonly string[] };

/** `now` is in epoch milliseconds. */
export async function showState(folder: StateFolder, now: number): Promise<string> {
  const problems: string[] = [];
  const job = readable(() => readJob(folder), problems);
  const recovery = readable(() => recover(folder, (problem) => problems.push(problem)), problems);
  const { bytes, files } = sizeOf(folder.path);
  const holder = await holderOf(folder);
  const sections: Section[] = [
    { title: 'state in', lines: [folder.path] },
    { title: 'job', lines: [job?.id ?? 'not complete: its first run has not told all stages'] },
    { title: 'used by', lines: [holder ?? 'nobody at the moment'] },
    { title: 'size', lines: [`${formatSize(bytes)} in ${files} files`] },
    { title: 'stages', lines: stageLines(folder, job, recovery) },
    { title: 'commit', lines: commitLines(folder, recovery?.commit, now) },
    ...(recovery ? [{ title: 'next run', lines: nextLines(recovery) }] : []),
    ...(recovery ? [{ title: 'sources', lines: sourceLines(recovery) }] : []),
    { title: 'damage', lines: problems.map((problem) => problem.replaceAll(`${folder.path}/`, '')) },
  ];
  return sections
    .flatMap(({ title, lines }) => lines.map((line, index) => row(index === 0 ? title : '', line)))
    .join('');
}

const indent = 10;
/** A terminal of 80 columns has room for so much behind a title. */
const width = 80 - indent - 1;

function row(title: string, line: string): string {
  const [first = '', ...more] = wrapped(line);
  return [first, ...more.map((rest) => `  ${rest}`)]
    .map((text, index) => `${(index === 0 ? title : '').padEnd(indent)}${text}\n`)
    .join('');
}

/** Broken between words; what has no spaces stays in one. */
function wrapped(line: string): string[] {
  if (line.length <= width) return [line];
  const at = line.lastIndexOf(' ', width);
  const end = at > 0 && line.slice(0, at).trim() !== '' ? at : line.indexOf(' ', width);
  return end === -1 ? [line] : [line.slice(0, end), ...wrapped(line.slice(end + 1))];
}

function readable<Value>(read: () => Value, problems: string[]): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

/** With the size of what each holds where the next run begins. */
function stageLines(
  folder: StateFolder,
  job: KnownJob | undefined,
  recovery: Recovery | undefined,
): string[] {
  const longest = Math.max(0, ...(job?.stages ?? []).map(({ key }) => key.length));
  return (job?.stages ?? []).map(({ key, shape }) => {
    const snapshot = recovery && sizeOfFile(numbered(folder.stage(key), recovery.after));
    const held = snapshot === undefined ? '' : `holds ${formatSize(snapshot)}`;
    return [key.padEnd(longest), held.padEnd(16), shape].join('  ').trimEnd();
  });
}

function commitLines({ commits }: StateFolder, commit: Commit | undefined, now: number): string[] {
  if (!commit) return ['none yet: the sinks have nothing for good'];
  const { batch, checkpoints, isEnded } = commit;
  const newest = numbersIn(commits).at(-1) ?? 0;
  const at = statSync(numbered(commits, newest), { throwIfNoEntry: false })?.mtimeMs ?? now;
  return [
    `the sinks have ${batch === undefined ? 'no batch' : `all up to batch ${batch}`}, ${ago(now - at)} (${new Date(at).toISOString().slice(0, 19)}Z)`,
    ...(isEnded ? ['the stream has ended for good: the next run begins a new one'] : []),
    checkpoints.length > 0
      ? `checkpoints behind batch ${checkpoints.join(' and ')}`
      : 'no checkpoint yet: stages begin with nothing',
  ];
}

function nextLines({ after, batches, commit }: Recovery): string[] {
  const begins = after === -1 ? 'with the first batch' : `behind checkpoint ${after}`;
  const [first, last] = [batches[0]?.batch, batches.at(-1)?.batch];
  if (first === undefined || last === undefined) return [`begins ${begins}`];
  const passedOver = batches.filter(({ batch }) => batch <= (commit?.batch ?? -1)).length;
  const known = passedOver > 0 ? `; the sinks have ${passedOver} of them` : '';
  const again = first === last ? `batch ${first}` : `batches ${first} to ${last}`;
  return [`begins ${begins}`, `makes ${again} again${known}`];
}

/** Where they stand behind the newest batch that is logged. */
function sourceLines({ start, batches }: Recovery): string[] {
  const positions: Record<string, Position> = { ...start.positions };
  for (const { offsets } of batches)
    for (const [source, { until }] of Object.entries(offsets)) positions[source] = until;
  const entries = Object.entries(positions).map(
    ([id, position]) => [nameOf(id, position), position] as const,
  );
  const longest = Math.min(40, Math.max(0, ...entries.map(([name]) => name.length)));
  return entries.map(([name, { offset, skip = 0 }]) => {
    const records = skip > 0 ? ` and ${skip} ${skip === 1 ? 'record' : 'records'}` : '';
    return `${name.padEnd(longest)}  byte ${offset}${records}`;
  });
}

/** A file by its path, from here where it is below. */
function nameOf(id: string, { file }: Position): string {
  const path = String(file?.['path'] ?? id);
  const fromHere = relative('.', path);
  return path === id || fromHere.startsWith('..') ? path : fromHere;
}

function sizeOf(path: string): { bytes: number; files: number } {
  let [bytes, files] = [0, 0];
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    bytes += sizeOfFile(join(entry.parentPath, entry.name)) ?? 0;
    files += 1;
  }
  return { bytes, files };
}

function sizeOfFile(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [most = ['s', 1] as const] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ].filter(([, size]) => seconds >= 2 * (size as number)) as [string, number][];
  return `${Math.floor(seconds / most[1])} ${most[0]} ago`;
}
