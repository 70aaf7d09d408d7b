// Work that may never end, stopped after a time. An endless loop never comes back to the event loop, so no timer stops it;
// V8 can, from a thread of its own that watches. That costs 0.09 ms each time, so work is given in pieces: the records of a part.
import { Script } from 'node:vm';
import { systemCode } from '../errors.ts';

const slot = Symbol.for('sluice.timed');
const holder = globalThis as { [slot]?: () => unknown };
let script: Script | undefined;

/** The longest that V8's watch takes. */
const longest = 2 ** 31 - 1;

/** False where `work` was stopped after so many milliseconds, wherever it was then. */
export function endsWithin(milliseconds: number, work: () => void): boolean {
  script ??= new Script("globalThis[Symbol.for('sluice.timed')]()", { filename: 'sluice' });
  holder[slot] = work;
  try {
    script.runInThisContext({ timeout: Math.min(milliseconds, longest), displayErrors: false });
    return true;
  } catch (error) {
    if (systemCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  } finally {
    delete holder[slot];
  }
}
