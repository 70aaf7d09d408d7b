// What other stages say on the terminal that this one draws on: see stage/shared-screen.ts.
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { mailboxOf, openMailbox } from '../../stage/shared-screen.ts';

export class MessagesOfOthers {
  readonly #path: string;
  #mailbox: number | undefined;

  /** Undefined where another pipeline draws on the terminal `device` already, or where FIFOs cannot be made. */
  static async open(device: number): Promise<MessagesOfOthers | undefined> {
    const path = mailboxOf(device);
    const other = openMailbox(device);
    if (other !== undefined) {
      closeSync(other);
      return undefined;
    }
    try {
      rmSync(path, { force: true });
      await promisify(execFile)('mkfifo', ['-m', '600', path]);
      // For writing too, so that it does not end with whoever wrote last.
      return new MessagesOfOthers(path, openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    } catch {
      return undefined;
    }
  }

  private constructor(path: string, mailbox: number) {
    this.#path = path;
    this.#mailbox = mailbox;
  }

  /** What was said since the last call. */
  take(): string {
    const pieces: Buffer[] = [];
    try {
      for (let length = 1; this.#mailbox !== undefined && length > 0;) {
        const piece = Buffer.alloc(4096);
        length = readSync(this.#mailbox, piece);
        pieces.push(piece.subarray(0, length));
      }
    } catch {
      // EAGAIN: nothing more for now.
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  /** From now on others say it themselves. */
  close(): string {
    if (this.#mailbox === undefined) return '';
    rmSync(this.#path, { force: true });
    const last = this.take();
    closeSync(this.#mailbox);
    this.#mailbox = undefined;
    return last;
  }
}
