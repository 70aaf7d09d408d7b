// One run of a job at a time. A lock is a listening socket: the system lets go of it when its holder dies, however that is,
// and two can never have it. On Linux it has no file; elsewhere one in the folder for temporary files.
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicTime } from '../clock.ts';
import { SluiceError, systemCode } from '../errors.ts';
import type { StateFolder } from './folder.ts';
import { readJob } from './identity.ts';

/** Whoever has this one has the folder. */
export const ingestKey = '0-ingest';

const held = new Set<Server>();

/** Takes the lock `name` of a state folder, for as long as this process lives. False where somebody else has it. */
export async function takeLock(folder: string, name: string): Promise<boolean> {
  const address = addressOf(folder, name);
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    const error = await new Promise<unknown>((resolve) => {
      server.once('error', resolve);
      server.listen(address, () => resolve(undefined));
    });
    if (error === undefined) {
      held.add(server.unref());
      return true;
    }
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    if (address.startsWith('\0') || (await answers(address))) return false;
    rmSync(address, { force: true });
  }
}

/** Who has the state now, in words; `except` are locks that are not asked for. Resolves to undefined where nobody has it. */
export async function holderOf(
  folder: StateFolder,
  except: readonly string[] = [],
): Promise<string | undefined> {
  const names = [ingestKey, ...stageKeysIn(folder)].filter((name) => !except.includes(name));
  const taken = await waitForLocks(folder.path, names, 0);
  if (taken === undefined) return undefined;
  return taken === ingestKey ? 'a run' : `stage ${taken} of a run`;
}

/** Those of a damaged job.json are not known. */
function stageKeysIn(folder: StateFolder): string[] {
  try {
    return (readJob(folder)?.stages ?? []).map(({ key }) => key);
  } catch (error) {
    if (error instanceof SluiceError) return [];
    throw error;
  }
}

/** Waits until nobody has any of these locks, at most so many milliseconds. Returns one that is still taken. */
export async function waitForLocks(
  folder: string,
  names: readonly string[],
  patience: number,
): Promise<string | undefined> {
  const until = monotonicTime() + patience;
  for (;;) {
    let taken: string | undefined;
    for (const name of names) if (await answers(addressOf(folder, name))) taken = name;
    if (taken === undefined || monotonicTime() >= until) return taken;
    await sleep(20);
  }
}

/** By device and inode: the same folder has the same lock by whatever path. */
function addressOf(folder: string, name: string): string {
  const { dev, ino } = statSync(folder);
  const hash = createHash('sha256').update(`${dev}/${ino}/${name}`).digest('hex').slice(0, 32);
  return process.platform === 'linux' ? `\0sluice-${hash}` : join(tmpdir(), `sluice-${hash}`);
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const settle = (isTaken: boolean): void => {
      socket.destroy();
      resolve(isTaken);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
