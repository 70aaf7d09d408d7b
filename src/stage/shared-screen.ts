// A terminal on which a stage draws in place, while others of the same pipeline have something to say there. Whoever draws has a
// FIFO that is named after the terminal; what is written to that stands above what is drawn, or below it when that is over. A
// FIFO that nobody reads any more cannot be opened, so that nothing is said to whoever was killed.
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** So many bytes are written whole or not at all: PIPE_BUF of Linux. */
const most = 4096;

/** Where messages for the terminal `device`, as `rdev` of its status has it, are taken. */
export function mailboxOf(device: number): string {
  return join(process.env['TMPDIR'] || '/tmp', `sluice-screen-${process.getuid?.()}-${device}`);
}

/** Undefined where nobody draws on that terminal, or somebody else than this user does. */
export function openMailbox(device: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  let mailbox: number | undefined;
  try {
    mailbox = openSync(mailboxOf(device), O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    const status = fstatSync(mailbox);
    if (status.isFIFO() && status.uid === process.getuid?.()) return mailbox;
  } catch {
    return undefined;
  }
  closeSync(mailbox);
  return undefined;
}

/** False where nobody takes it: then it is up to the caller to say it. */
export function handOver(text: string, device: number): boolean {
  const bytes = Buffer.from(text);
  const mailbox = bytes.length > most ? undefined : openMailbox(device);
  if (mailbox === undefined) return false;
  try {
    return writeSync(mailbox, bytes) === bytes.length;
  } catch {
    return false;
  } finally {
    closeSync(mailbox);
  }
}
