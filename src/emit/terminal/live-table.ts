// The newest table, redrawn in place on a terminal, with what the whole pipeline does below it.
import type { ChalkInstance } from 'chalk';
import type { StageReport } from '../../envelope/envelope.ts';
import type { TableWriter } from '../emit.ts';
import type { TableHead } from '../formats/format.ts';
import { TableFormat } from '../formats/table.ts';
import type { Rows } from '../rows.ts';
import { importModule } from '../../package.ts';
import { Pipeline, type ReportHead } from '../../monitor/pipeline.ts';
import { statusLine } from '../../monitor/status-line.ts';

/** Spinner speed; a redraw more often than this nobody can read. */
const redrawMilliseconds = 80;

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
  readonly #screen: NodeJS.WriteStream;
  readonly #draw: ReturnType<Libraries['createLogUpdate']>;
  readonly #sliceAnsi: Libraries['sliceAnsi'];
  readonly #chalk: ChalkInstance;
  readonly #pipeline = new Pipeline(Date.now());
  // Only its frames are used: two writers on one screen would disturb each other.
  readonly #spinner: ReturnType<Libraries['ora']>;
  readonly #timer: NodeJS.Timeout;
  #lines: readonly string[] = [];
  #rows: string[] = [];
  #left = 0;

  static async open(screen: NodeJS.WriteStream, hasColor: boolean): Promise<LiveTable> {
    return new LiveTable(await loadLibraries(), screen, hasColor);
  }

  private constructor(
    { Chalk, createLogUpdate, ora, sliceAnsi }: Libraries,
    screen: NodeJS.WriteStream,
    hasColor: boolean,
  ) {
    this.#sliceAnsi = sliceAnsi;
    this.#screen = screen;
    this.#draw = createLogUpdate(screen);
    this.#spinner = ora({ isEnabled: false, color: hasColor ? 'cyan' : false });
    this.#chalk = new Chalk({ level: hasColor ? 1 : 0 });
    this.#timer = setInterval(() => this.#redraw(), redrawMilliseconds).unref();
  }

  async write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> {
    if (isFirst) {
      this.#rows = [];
      this.#left = 0;
    }
    const room = Math.max(0, this.#height - this.#rows.length);
    if (room > 0) this.#rows.push(...firstTexts(rows, room));
    this.#left += Math.max(0, rows.count - room);
    if (isLast) await this.#show(head);
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#pipeline.report(stages, head);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#draw(this.#lines.map((line) => this.#cut(line)).join('\n'));
    this.#draw.done();
  }

  /** Rows that fit: heading, column names, the line on rows left out, the status and the cursor's line go off. */
  get #height(): number {
    return Math.max(1, (this.#screen.rows || 24) - 5);
  }

  async #show(head: TableHead): Promise<void> {
    const [heading = '', names, ...rows] = (await new TableFormat().write(this.#rows, head, true))
      .trimEnd()
      .split('\n');
    const left = this.#left > 0 ? [this.#chalk.dim(`… and ${this.#left} more`)] : [];
    const empty = names === undefined ? [this.#chalk.dim('(no rows)')] : [this.#chalk.bold(names)];
    this.#lines = [this.#chalk.cyan(heading), ...empty, ...rows, ...left];
    this.#redraw();
  }

  #redraw(): void {
    const status = `${this.#spinner.frame().trimEnd()} ${this.#chalk.dim(statusLine(this.#pipeline.view(Date.now()), 77))}`;
    this.#draw([...this.#lines, status].map((line) => this.#cut(line)).join('\n'));
  }

  /** A wrapped line would make the table taller than the screen; log-update counts on none. */
  #cut(line: string): string {
    return this.#sliceAnsi(line, 0, (this.#screen.columns || 80) - 1);
  }
}

function firstTexts(rows: Rows, count: number): string[] {
  const first: string[] = [];
  for (const texts of rows.texts()) {
    first.push(...texts.slice(0, count - first.length));
    if (first.length === count) break;
  }
  return first;
}
