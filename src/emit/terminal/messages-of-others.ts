// What other stages say on the terminal that this one draws on: see stage/shared-screen.ts.
import { execFile } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { mailboxOf, openMailbox } from '../../stage/shared-screen.ts';
import { beforeDying } from '../../stage/signals.ts';

export class MessagesOfOthers {
  readonly #path: string;
  readonly #screen: number;
  readonly #forget: () => void;
  #mailbox: number | undefined;

  /** `screen` is a terminal. Undefined where another pipeline draws on it already, or where FIFOs cannot be made. */
  static async open(screen: number, device = fstatSync(screen).rdev): Promise<MessagesOfOthers | undefined> {
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
      return new MessagesOfOthers(path, screen, openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    } catch {
      return undefined;
    }
  }

  private constructor(path: string, screen: number, mailbox: number) {
    this.#path = path;
    this.#screen = screen;
    this.#mailbox = mailbox;
    this.#forget = beforeDying(this.close);
    process.on('exit', this.close);
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

  /** Says what is left; from now on others say it themselves. */
  readonly close = (): void => {
    if (this.#mailbox === undefined) return;
    this.#forget();
    process.off('exit', this.close);
    rmSync(this.#path, { force: true });
    try {
      writeSync(this.#screen, this.take());
    } catch {
      // A terminal that is gone must not change how a pipeline ends.
    }
    closeSync(this.#mailbox);
    this.#mailbox = undefined;
  };
}
