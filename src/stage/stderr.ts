// The sole writer to stderr in text: one line a message, `sluice STAGE: message`, a hint below it.
import { fstatSync, statSync, writeSync } from 'node:fs';
import { SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { handOver } from './shared-screen.ts';

const clearings = new Set<() => void>();

/** `clear` is called before each message: what is drawn there in place makes way. Call what it returns when that is over. */
export function beforeMessages(clear: () => void): () => void {
  clearings.add(clear);
  return () => clearings.delete(clear);
}

export function warn(stage: string | undefined, message: string, hint?: string): void {
  const program = stage ? `sluice ${stage}` : 'sluice';
  const text = printable(`${program}: ${message}\n${hint ? `  hint: ${hint}\n` : ''}`);
  for (const clear of clearings) clear();
  try {
    if (clearings.size === 0 && isTerminal() && handOver(text, fstatSync(2).rdev)) return;
    // Written at once: a stage that fails may end before an asynchronous write would.
    writeSync(2, text);
  } catch {
    // A closed or full stderr must not change how a pipeline ends.
  }
}

/** Whether it is a terminal; asked of the system, for to make a stream of it takes a twentieth of a start. */
export function isTerminal(): boolean {
  try {
    const status = fstatSync(2);
    if (!status.isCharacterDevice()) return false;
    const nowhere = statSync('/dev/null', { throwIfNoEntry: false });
    return status.rdev !== nowhere?.rdev && process.stderr.isTTY;
  } catch {
    return false;
  }
}

/** Says what went wrong, in the stage that the error names or else in `name`; returns the exit code that stands for it. */
export function reportError(error: unknown, name: string | undefined): number {
  if (error instanceof SluiceError) {
    warn(error.stage ?? name, error.message, error.hint);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  warn(name, `this is a bug in sluice, please report it: ${text}`);
  return exitCodes.bug.code;
}

/** Data in messages must not reach the terminal as control sequences. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
