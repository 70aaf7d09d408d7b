// The stages of a running shell line as the kernel sees them: /proc tells their memory, what they read, and whether
// they are ready for a signal.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningShell } from './shell.ts';

export type Stage = { readonly name: string; readonly pid: number };

/** The stages of `shell` that run now, in the order of their process ids. */
export function stagesOf(shell: RunningShell): Stage[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => one - other)
    .flatMap((pid) => {
      // comm may hold spaces and brackets: the fields that count stand behind the last one.
      const group = Number(read(pid, 'stat').split(') ').at(-1)?.split(' ')[2]);
      const words = read(pid, 'cmdline').split('\0');
      const at = words.findIndex((word) => word.endsWith('/bin/sluice'));
      return group === shell.process.pid && at !== -1 ? [{ name: words[at + 1] ?? '', pid }] : [];
    });
}

/** Waits until so many stages run and have put their signal handlers in place; but for `besides`, which reads no pipe. */
export async function stagesReady(shell: RunningShell, count: number, besides?: string): Promise<Stage[]> {
  return until(`${count} stages are ready`, () => {
    const stages = stagesOf(shell);
    const areReady = stages.every((stage) => stage.name === besides || isWaiting(stage));
    return stages.length === count && areReady ? stages : undefined;
  });
}

/** Signals them, but for those that have ended meanwhile: one that ends takes the others with it. */
export function signalStages(stages: readonly Stage[], signal: NodeJS.Signals): void {
  for (const { pid } of stages) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The most memory that a process has had so far, in bytes. */
export function peakMemory({ pid }: Stage): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(read(pid, 'status'))?.[1] ?? 0);
}

/** Bytes that a process has read so far, from files and pipes. */
export function bytesRead({ pid }: Stage): number {
  return Number(/^rchar: (\d+)/m.exec(read(pid, 'io'))?.[1] ?? 0);
}

/** Polls until `look` finds something. A file that is not there yet is nothing found. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  timeout = 60_000,
): Promise<Found> {
  for (const started = performance.now(); ; await sleep(20)) {
    const found = await lookOnce(look);
    if (found !== undefined) return found;
    if (performance.now() - started > timeout) throw new Error(`waited in vain until ${what}`);
  }
}

async function lookOnce<Found>(
  look: () => Promise<Found | undefined> | Found | undefined,
): Promise<Found | undefined> {
  try {
    return await look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * True once a stage waits for its input or its reader, which it does only after its signal handlers are in place. The
 * kernel lists what an event loop waits for; the mask of caught signals tells nothing, since Node itself catches them.
 */
function isWaiting({ pid }: Stage): boolean {
  return listFolder(`/proc/${pid}/fdinfo`).some((descriptor) =>
    /^tfd:\s+[01]\b/m.test(read(pid, `fdinfo/${descriptor}`)),
  );
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for a process that has just ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
