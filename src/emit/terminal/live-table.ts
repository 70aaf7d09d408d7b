// The live screen: the newest table with its charts, redrawn in place on a terminal, and below it what the whole pipeline
// does. Keys change what is shown.
import { stripVTControlCharacters } from 'node:util';
import type { ChalkInstance } from 'chalk';
import type { StageReport } from '../../envelope/envelope.ts';
import { Pipeline, type ReportHead } from '../../monitor/pipeline.ts';
import { statusLine } from '../../monitor/status-line.ts';
import { importModule } from '../../package.ts';
import { beforeDying } from '../../stage/signals.ts';
import { beforeMessages, isTerminal } from '../../stage/stderr.ts';
import type { EmitSettings } from '../command.ts';
import type { TableWriter } from '../emit.ts';
import type { TableHead } from '../formats/format.ts';
import type { Rows } from '../rows.ts';
import { frameOf } from './frame.ts';
import { Keyboard } from './keyboard.ts';
import { LiveView } from './live-view.ts';
import { MessagesOfOthers } from './messages-of-others.ts';
import { displayWidth } from './width.ts';

/** Spinner speed; a redraw more often than this nobody can read. */
const redrawMilliseconds = 80;
/** In front of the status: the spinner and a space; behind it the last column, where a terminal would wrap. */
const besideStatus = 3;
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

async function loadLibraries() {
  const [{ Chalk }, { createLogUpdate }, { default: ora }, { default: sliceAnsi }] = await Promise.all([
    importModule<typeof import('chalk')>('chalk'),
    importModule<typeof import('log-update')>('log-update'),
    importModule<typeof import('ora')>('ora'),
    importModule<typeof import('slice-ansi')>('slice-ansi'),
  ]);
  return { Chalk, createLogUpdate, ora, sliceAnsi };
}

type Libraries = Awaited<ReturnType<typeof loadLibraries>>;

export class LiveTable implements TableWriter {
  readonly #screen: typeof process.stdout;
  readonly #draw: ReturnType<Libraries['createLogUpdate']>;
  readonly #slice: Libraries['sliceAnsi'];
  readonly #chalk: ChalkInstance;
  readonly #pipeline = new Pipeline(Date.now());
  readonly #view: LiveView;
  // Only its frames are used: two writers on one screen would disturb each other.
  readonly #spinner: ReturnType<Libraries['ora']>;
  readonly #timer: NodeJS.Timeout;
  readonly #others: MessagesOfOthers | undefined;
  readonly #forgetting: (() => unknown)[] = [];
  #keyboard: Keyboard | undefined;
  /** The newest frame. */
  #lines: readonly string[] = [];
  #drawing: Promise<void> | undefined;
  #isTold = false;

  static async open(
    screen: typeof process.stdout,
    hasColor: boolean,
    settings: Pick<EmitSettings, 'chart' | 'sort' | 'reverse'>,
  ): Promise<LiveTable> {
    const others = await MessagesOfOthers.open(screen.fd);
    return new LiveTable(await loadLibraries(), screen, others, hasColor, settings);
  }

  private constructor(
    { Chalk, createLogUpdate, ora, sliceAnsi }: Libraries,
    screen: typeof process.stdout,
    others: MessagesOfOthers | undefined,
    hasColor: boolean,
    { chart = 'bar', sort, reverse }: Pick<EmitSettings, 'chart' | 'sort' | 'reverse'>,
  ) {
    this.#screen = screen;
    this.#others = others;
    this.#view = new LiveView({ chart, sort, reverse });
    this.#slice = sliceAnsi;
    // The cursor is our own business: the library asks standard error whether it is a terminal.
    this.#draw = createLogUpdate(screen, { showCursor: true });
    this.#spinner = ora({ isEnabled: false, color: hasColor ? 'cyan' : false });
    this.#chalk = new Chalk({ level: hasColor ? 1 : 0 });
    this.#timer = setInterval(() => void this.#redraw(), redrawMilliseconds).unref();
    const onResize = (): void => this.#startAnew();
    screen.on('resize', onResize);
    const leave = (): void => void screen.write(showCursor);
    process.on('exit', leave);
    this.#forgetting.push(
      () => screen.off('resize', onResize),
      () => process.off('exit', leave),
      beforeDying(leave),
    );
    // A message on the same terminal is drawn over otherwise.
    if (isTerminal()) this.#forgetting.push(beforeMessages(() => this.#draw.clear()));
    screen.write(hideCursor);
  }

  async write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> {
    this.#view.write(rows, head, isFirst, isLast);
    if (!isLast) return;
    if (head.isWindow) this.#pipeline.window();
    await this.#redraw();
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#pipeline.report(stages, head);
    // Whoever still types a password, or the records themselves, has the keys until then.
    if (this.#isTold) return;
    this.#isTold = true;
    if (!stages[0]?.['terminal']) this.#listen();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#keyboard?.close();
    this.#keyboard = undefined;
    this.#view.isPaused = false;
    await this.#drawing;
    const lines = await frameOf(this.#view, '', this.#settings);
    this.#draw.clear();
    this.#draw(lines.join('\n').trimEnd());
    this.#draw.done();
    for (const forget of this.#forgetting) forget();
    this.#screen.write(showCursor);
    this.#others?.close();
  }

  get #settings() {
    return {
      rows: this.#screen.rows || 24,
      columns: this.#screen.columns || 80,
      chalk: this.#chalk,
      slice: this.#slice,
      hasKeys: this.#keyboard !== undefined,
    };
  }

  #redraw(): Promise<void> {
    // One at a time: what comes meanwhile is in the next one.
    return (this.#drawing ??= this.#drawFrame().finally(() => (this.#drawing = undefined)));
  }

  async #drawFrame(): Promise<void> {
    const settings = this.#settings;
    const view = this.#pipeline.view(Date.now());
    const line = statusLine(view, settings.columns - besideStatus);
    const paint = view.isFallingBehind ? this.#chalk.yellow : this.#chalk.dim;
    const lines = await frameOf(this.#view, `${this.#spinner.frame().trimEnd()} ${paint(line)}`, settings);
    const said = this.#others?.take();
    // The library takes lines that are alike at the end for lines that stay where they are.
    if (said || lines.length !== this.#lines.length) this.#draw.clear();
    if (said) this.#screen.write(said);
    this.#draw(lines.join('\n'));
    this.#lines = lines;
  }

  /** A terminal that was made narrower has wrapped the lines: there are more rows to be cleared than were written. */
  #startAnew(): void {
    const { columns } = this.#screen;
    const rows = this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    if (rows > 0) this.#screen.write(`\u001b[${rows}A\r\u001b[J`);
    this.#draw.done();
    void this.#redraw();
  }

  #listen(): void {
    this.#keyboard = Keyboard.open({
      onKey: (key) => this.#press(key),
      onLeave: () => this.#screen.write(showCursor),
      onReturn: () => {
        this.#screen.write(hideCursor);
        this.#draw.done();
        void this.#redraw();
      },
    });
  }

  #press(key: string): void {
    // As Ctrl-C does: what was read drains through the whole pipeline.
    if (key === 'q' && !this.#view.isTyping) process.kill(0, 'SIGINT');
    else if (this.#view.press(key)) void this.#redraw();
  }
}

function widthOf(line: string): number {
  return displayWidth(stripVTControlCharacters(line));
}
