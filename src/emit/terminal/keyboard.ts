// Keys from the terminal, while standard input is a pipe. They come one by one and are not shown; Ctrl-C, Ctrl-Z and Ctrl-\ go
// to the whole pipeline as ever, since the terminal itself makes signals of them. It is as it was whenever this ends.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { beforeDying } from '../../stage/signals.ts';

const device = '/dev/tty';
/** Signals that end a process, or stop it, without a word. */
const fatal = ['SIGHUP', 'SIGQUIT'] as const;

export type KeyboardEvents = {
  readonly onKey: (key: string) => void;
  /** The terminal is left, for now or for good: it should look as before. */
  readonly onLeave: () => void;
  /** It is ours again. */
  readonly onReturn: () => void;
};

export class Keyboard {
  readonly #fd: number;
  readonly #before: string;
  readonly #events: KeyboardEvents;
  readonly #stream: ReadStream;
  readonly #forget: () => void;
  #isOurs = false;

  /** Undefined where there is no terminal, or where this process is in the background and must not touch it. */
  static open(events: KeyboardEvents): Keyboard | undefined {
    if (!isInForeground()) return undefined;
    let fd: number | undefined;
    try {
      fd = openSync(device, 'r');
      return new Keyboard(fd, stty(fd, '-g'), events);
    } catch {
      // Keys are a comfort: without a terminal to read, or stty, there are none.
      if (fd !== undefined) closeSync(fd);
      return undefined;
    }
  }

  private constructor(fd: number, before: string, events: KeyboardEvents) {
    this.#fd = fd;
    this.#before = before;
    this.#events = events;
    this.#take();
    this.#stream = new ReadStream(fd);
    this.#stream.on('data', (bytes: Buffer) => this.#read(bytes.toString('utf8')));
    this.#stream.on('error', () => this.close());
    // Keys keep nobody running.
    this.#stream.unref();
    this.#forget = beforeDying(this.#leave);
    process.on('exit', this.#leave);
    process.on('SIGTSTP', this.#stop);
    process.on('SIGCONT', this.#goOn);
    for (const signal of fatal) process.on(signal, this.#die);
  }

  close(): void {
    this.#giveBack();
    this.#forget();
    process.off('exit', this.#leave);
    process.off('SIGTSTP', this.#stop);
    process.off('SIGCONT', this.#goOn);
    for (const signal of fatal) process.off(signal, this.#die);
    this.#stream.destroy();
  }

  /** An arrow or another key that is several bytes is none of ours; Escape alone is. */
  #read(text: string): void {
    if (text.length > 1 && text.startsWith('\u001b')) return;
    for (const key of text) this.#events.onKey(key);
  }

  #take(): void {
    stty(this.#fd, '-icanon', '-echo', 'min', '1', 'time', '0');
    this.#isOurs = true;
  }

  #giveBack(): void {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    if (!isInForeground()) return;
    try {
      stty(this.#fd, this.#before);
    } catch {
      // It has hung up.
    }
  }

  readonly #leave = (): void => {
    if (this.#isOurs) this.#events.onLeave();
    this.#giveBack();
  };

  /**
   * Ctrl-Z. A shell puts the terminal in order itself, and may have taken it back already: to set it from the background would
   * stop this process a second time.
   */
  readonly #stop = (): void => {
    if (this.#isOurs) this.#events.onLeave();
    this.#isOurs = false;
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #goOn = (): void => {
    if (!isInForeground()) {
      // To read would stop it again.
      this.#stream.pause();
      return;
    }
    try {
      this.#take();
    } catch {
      return this.close();
    }
    this.#stream.resume();
    this.#events.onReturn();
  };

  readonly #die = (signal: NodeJS.Signals): void => {
    this.#leave();
    process.off(signal, this.#die);
    process.kill(process.pid, signal);
  };
}

/** Throws where there is none, or it is no terminal. */
function stty(fd: number, ...words: string[]): string {
  return execFileSync('stty', words, { stdio: [fd, 'pipe', 'ignore'], encoding: 'utf8' }).trim();
}

/** Who touches a terminal from the background is stopped. */
function isInForeground(): boolean {
  try {
    const [, , group, , , foreground] =
      readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return group === foreground;
  } catch {
    return isInForegroundByPs();
  }
}

/** Where there is no /proc. */
function isInForegroundByPs(): boolean {
  try {
    const words = ['-o', 'pgid=,tpgid=', '-p', String(process.pid)];
    const [group, foreground] = execFileSync('ps', words, { encoding: 'utf8' }).trim().split(/\s+/);
    return group === foreground;
  } catch {
    return false;
  }
}
