// Work that may never end, stopped after a time. An endless loop never comes back to the event loop, so no timer stops it;
// V8 can, from a thread of its own that watches. That costs 0.09 ms each time, so work is given in pieces: the records of a part.
import { Script } from 'node:vm';
import { systemCode } from '../errors.ts';

const slot = Symbol.for('sluice.timed');
const holder = globalThis as { [slot]?: () => unknown };
let script: Script | undefined;

/** For a regular expression of a user on one line or record, in milliseconds, where nothing shorter was said. */
export const longestMatch = 250;

/** Milliseconds for several things at once. Little is lost where that is not enough: the one it was stopped at is done once more. */
const patience = 100;

/** The longest that V8's watch takes. */
const longest = 2 ** 31 - 1;

/** Thrown by what may take long and is not under a time limit: it is to be done once more, under one. */
export class NeedsLimit extends Error {}

export function isWithinLimit(): boolean {
  return holder[slot] !== undefined;
}

type Outcome = 'ended' | 'stopped' | 'interrupted';

/**
 * Stops `work` after so many milliseconds, wherever it is then. With `forSignals` Ctrl-C interrupts it, too, and is dealt with
 * before this returns; in a worker it is the main thread that hears signals. That is for work that is suspect already: V8 has to take the signal away from Node for a moment, at each
 * end of which it would kill the process.
 */
export function runWithin(milliseconds: number, work: () => void, forSignals = false): Outcome {
  script ??= new Script("globalThis[Symbol.for('sluice.timed')]()", { filename: 'sluice' });
  holder[slot] = work;
  try {
    const timeout = Math.min(milliseconds, longest);
    script.runInThisContext({ timeout, displayErrors: false, breakOnSigint: forSignals && isMainThread() });
    return 'ended';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'stopped';
    if (code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
  } finally {
    delete holder[slot];
  }
  if (!process.emit('SIGINT')) process.kill(process.pid, 'SIGINT');
  return 'interrupted';
}

/**
 * `visit` for each of so many things, each of which may take so many milliseconds; `late` is told of those that take longer, and may
 * throw. What it was stopped at is visited once more by itself, since those ahead of it may have used the time.
 */
export function eachWithin(
  milliseconds: number,
  count: number,
  visit: (index: number) => void,
  late: (index: number) => void,
): void {
  let at = 0;
  const visitAll = (): void => {
    for (; at < count; at += 1) visit(at);
  };
  // From the first that takes long on, Ctrl-C is heard.
  let isSuspect = false;
  while (at < count) {
    const outcome = runWithin(Math.min(patience, milliseconds), visitAll, isSuspect);
    if (outcome === 'ended') return;
    if (outcome === 'interrupted' || at === count) continue;
    isSuspect = true;
    const index = at;
    if (withinAlone(milliseconds, () => visit(index)) === 'stopped') late(index);
    at = index + 1;
  }
}

function withinAlone(milliseconds: number, work: () => void): Outcome {
  const outcome = runWithin(milliseconds, work, true);
  return outcome === 'interrupted' ? withinAlone(milliseconds, work) : outcome;
}

/** The same, under a time limit from the first on that asks for one. */
export function eachWithinOnNeed(
  milliseconds: number,
  count: number,
  visit: (index: number) => void,
  late: (index: number) => void,
): void {
  let at = 0;
  try {
    for (; at < count; at += 1) visit(at);
  } catch (error) {
    if (!(error instanceof NeedsLimit)) throw error;
    const first = at;
    eachWithin(
      milliseconds,
      count - first,
      (index) => visit(first + index),
      (index) => late(first + index),
    );
  }
}

/** Asked for when it matters: reduce has conditions, and does without worker threads for most inputs. */
function isMainThread(): boolean {
  return process.getBuiltinModule('node:worker_threads').isMainThread;
}
