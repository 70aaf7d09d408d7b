// Standard input as bytes.
import { fstatSync } from 'node:fs';
import { messageOf, SluiceError } from '../errors.ts';

let isUsed = false;

/** Throws SluiceError('inputOutput') where it cannot be read. */
export async function* readStandardInput(): AsyncGenerator<Buffer> {
  try {
    // Node takes a directory for an empty input.
    if (fstatSync(0).isDirectory()) throw new Error('it is a directory');
    isUsed = true;
    yield* process.stdin as AsyncIterable<Buffer>;
  } catch (error) {
    throw new SluiceError('inputOutput', `cannot read standard input: ${messageOf(error)}`, undefined, error);
  }
}

/** What is still unread keeps the process alive otherwise; closing it ends the stage upstream as well. */
export function closeStandardInput(): void {
  // Who has not read it would open it now.
  if (isUsed) process.stdin.destroy();
}

/** True where somebody put a pipe or a file there: cron, for one, gives neither. */
export function isStandardInputGiven(): boolean {
  try {
    const status = fstatSync(0);
    return status.isFIFO() || status.isFile() || status.isSocket();
  } catch {
    return false;
  }
}
