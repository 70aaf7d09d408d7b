// Work that may never end, stopped after a time. An endless loop never comes back to the event loop, so no timer stops it;
// V8 can, from a thread of its own that watches. That costs 0.09 ms each time, so work is given in pieces: the records of a part.
import { Script } from 'node:vm';
import { systemCode } from '../errors.ts';

const slot = Symbol.for('sluice.timed');
const holder = globalThis as { [slot]?: () => unknown };
let script: Script | undefined;

/** For a regular expression of a user on one line or value, in milliseconds. */
export const longestMatch = 250;

/** The longest that V8's watch takes. */
const longest = 2 ** 31 - 1;

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

/** Asked for when it matters: reduce has conditions, and does without worker threads for most inputs. */
function isMainThread(): boolean {
  return process.getBuiltinModule('node:worker_threads').isMainThread;
}
