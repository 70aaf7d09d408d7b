// Reads all of a state folder and says of each file that is not as it was written what that means.
import { join, relative } from 'node:path';
import { messageOf, SluiceError } from '../errors.ts';
import { DamagedFile, readChecked } from './checked.ts';
import { namesIn, numbered, numbersIn, type StateFolder } from './folder.ts';
import { damageIn } from './offsets-log.ts';
import { readJob } from './identity.ts';
import { recover } from './recover.ts';

type Finding = { readonly path: string; readonly problem: string; readonly means: string };

/** `text` is for people. */
export function checkState(folder: StateFolder): { text: string; isWhole: boolean } {
  const findings = [
    ...jobFindings(folder),
    ...commitFindings(folder),
    ...offsetsFindings(folder),
    ...snapshotFindings(folder),
  ];
  const { means, canBegin } = verdict(folder);
  const lines = findings.map(({ path, problem, means: meaning }) => {
    const name = relative(folder.path, path);
    return `${name}: ${problem.replaceAll(path, 'it')}\n  ${meaning}`;
  });
  const isWhole = findings.length === 0 && canBegin;
  return { text: `${[...lines, isWhole ? `all is whole: ${means}` : means].join('\n')}\n`, isWhole };
}

function jobFindings(folder: StateFolder): Finding[] {
  const findings: Finding[] = [];
  const problem = problemOf(folder.job);
  if (problem !== undefined)
    findings.push({
      path: folder.job,
      problem,
      means: 'whose state this is cannot be told, so no run begins',
    });
  const inRun = problemOf(folder.run);
  if (inRun !== undefined)
    findings.push({ path: folder.run, problem: inRun, means: 'nothing: the next run writes it anew' });
  return findings;
}

function commitFindings({ commits }: StateFolder): Finding[] {
  const numbers = numbersIn(commits).toReversed();
  return problemsIn(commits, numbers).map(({ path, problem, number }) => ({
    path,
    problem,
    means:
      number === numbers[0]
        ? 'the commit before it is used; what came since goes to the sinks again, but to those of databases'
        : 'nothing, as long as the newest commit is whole',
  }));
}

function offsetsFindings({ offsets }: StateFolder): Finding[] {
  return damageIn(offsets).map(({ path, problem }) => ({
    path,
    problem,
    means: 'of the batches from there on it is not known what they consist of',
  }));
}

function snapshotFindings(folder: StateFolder): Finding[] {
  return namesIn(join(folder.path, 'state')).flatMap((key) =>
    problemsIn(folder.stage(key), numbersIn(folder.stage(key))).map(({ path, problem, number }) => ({
      path,
      problem,
      means: `what ${key} held is lost: no run begins behind checkpoint ${number}`,
    })),
  );
}

function problemsIn(
  folder: string,
  numbers: readonly number[],
): { path: string; problem: string; number: number }[] {
  return numbers.flatMap((number) => {
    const path = numbered(folder, number);
    const problem = problemOf(path);
    return problem === undefined ? [] : [{ path, problem, number }];
  });
}

/** What is wrong with a file; nothing where it is not there. */
function problemOf(path: string): string | undefined {
  try {
    readChecked(path);
    return undefined;
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof SluiceError) return messageOf(error);
    throw error;
  }
}

function verdict(folder: StateFolder): { means: string; canBegin: boolean } {
  try {
    readJob(folder);
    const { after } = recover(folder, () => undefined);
    return {
      means: `a run begins ${after === -1 ? 'with the first batch' : `behind checkpoint ${after}`}`,
      canBegin: true,
    };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const hint = error.hint === undefined ? '' : `\n  hint: ${error.hint}`;
    return { means: `no run can begin: ${error.message}${hint}`, canBegin: false };
  }
}
