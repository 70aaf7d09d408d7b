// A window of tmux of a given size with a shell in it: what a user types, and what he sees.
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './processes.ts';
import { furnish, newFolder, removeFolder } from './temporary.ts';

const run = promisify(execFile);

export class TmuxWindow {
  readonly #socket: string;
  readonly #folder: string;
  readonly workFolder: string;

  static async open(
    columns: number,
    rows: number,
    environment: Record<string, string> = {},
  ): Promise<TmuxWindow> {
    const folder = newFolder();
    const { workFolder, binFolder } = furnish(folder);
    const window = new TmuxWindow(folder, workFolder);
    const settings = {
      PATH: `${binFolder}:${process.env['PATH'] ?? ''}`,
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      PS1: '$ ',
      HOME: folder,
      HISTFILE: '',
      ...environment,
    };
    const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const size = ['-x', String(columns), '-y', String(rows), '-c', workFolder];
    await window.#tmux(
      'new-session',
      '-d',
      ...size,
      'env',
      '-u',
      'NO_COLOR',
      ...variables,
      'bash',
      '--norc',
      '-i',
    );
    await window.shows(/\$$/);
    return window;
  }

  private constructor(folder: string, workFolder: string) {
    this.#folder = folder;
    this.workFolder = workFolder;
    // tmux has one server for each socket; nobody else's is touched.
    this.#socket = basename(folder);
  }

  /** Literal text; `Enter`, `C-c` and `Escape` are keys. */
  async type(...keys: string[]): Promise<void> {
    for (const key of keys) {
      const isName = /^(Enter|Escape|BSpace|C-.)$/.test(key);
      await this.#tmux('send-keys', ...(isName ? [key] : ['-l', key]));
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The screen as text, without blanks at the end of lines. */
  async text(): Promise<string> {
    const { stdout } = await this.#tmux('capture-pane', '-p');
    return stdout.trimEnd();
  }

  /** The screen once it shows that. */
  shows(wanted: RegExp): Promise<string> {
    let last = '';
    return until(`the screen shows ${wanted}`, async () => {
      last = await this.text();
      return wanted.test(last) ? last : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it shows:\n${last}`);
    });
  }

  async isCursorVisible(): Promise<boolean> {
    const { stdout } = await this.#tmux('display-message', '-p', '#{cursor_flag}');
    return stdout.trim() === '1';
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
    removeFolder(this.#folder);
  }

  #tmux(...words: string[]): Promise<{ stdout: string }> {
    // No configuration of whoever runs the tests.
    return run('tmux', ['-f', join('/dev', 'null'), '-L', this.#socket, ...words]);
  }
}
