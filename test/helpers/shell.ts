// Shell lines as a user types them: run with bash, in a folder of their own, with sluice on PATH.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { furnish, newFolder, removeFolder } from './temporary.ts';

export type ShellResult = {
  readonly stdout: string;
  readonly stderr: string;
  /** Of every command of the line's last pipeline, in order. */
  readonly exits: readonly number[];
  readonly milliseconds: number;
};

export type ShellOptions = { readonly environment?: Readonly<Record<string, string>> };

/** After so many milliseconds a line is killed with all its processes: a test should fail and not hang. */
const longest = 150_000;

/** A line that runs. Its processes are a group of their own, as a terminal would make them. */
export type RunningShell = {
  readonly process: ChildProcess;
  readonly folder: string;
  /** Signals every process of the line, as Ctrl-C does. */
  signal(signal: NodeJS.Signals): void;
  readonly done: Promise<ShellResult>;
};

/** Runs `line` to its end. */
export function runShell(line: string, options: ShellOptions = {}): Promise<ShellResult> {
  return startShell(line, options).done;
}

export function startShell(line: string, { environment = {} }: ShellOptions = {}): RunningShell {
  const folder = newFolder();
  const { workFolder, binFolder } = furnish(folder);
  // Files rather than pipes: nothing here can hold the line back, whatever it writes.
  const [outFile, errorFile, exitFile] = ['stdout', 'stderr', 'exits'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const output = [openSync(outFile, 'w'), openSync(errorFile, 'w')] as const;
  const started = performance.now();
  // bash has to survive the signals meant for the stages, to tell how they ended. A trap that does nothing, unlike
  // an ignored signal, is not inherited.
  const script = `trap : INT TERM\n${line}\necho "\${PIPESTATUS[*]}" >"$SLUICE_TEST_EXITS"\n`;
  const child = spawn('bash', ['-c', script], {
    cwd: workFolder,
    detached: true,
    stdio: ['ignore', ...output],
    env: {
      PATH: `${binFolder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      SLUICE_TEST_EXITS: exitFile,
      ...environment,
    },
  });
  output.forEach(closeSync);
  const signal = (name: NodeJS.Signals): void => signalGroup(child, name);
  const timer = setTimeout(() => signal('SIGKILL'), longest);
  const done = new Promise<ShellResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(timer);
      const exits = readOrEmpty(exitFile).trim();
      resolve({
        stdout: readFileSync(outFile, 'utf8'),
        stderr: readFileSync(errorFile, 'utf8'),
        exits: exits === '' ? [] : exits.split(' ').map(Number),
        milliseconds: performance.now() - started,
      });
      removeFolder(folder);
    });
  });
  return { process: child, folder: workFolder, signal, done };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // All of them have ended by themselves.
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
