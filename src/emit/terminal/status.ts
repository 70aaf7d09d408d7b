// The line on standard error, where that is a terminal and the rows go elsewhere: ora's spinner with what the whole
// pipeline does.
import type { StageReport } from '../../envelope/envelope.ts';
import { Pipeline, type ReportHead } from '../../monitor/pipeline.ts';
import { statusLine } from '../../monitor/status-line.ts';
import { importModule } from '../../package.ts';
import { MessagesOfOthers } from './messages-of-others.ts';
import { beforeMessages } from '../../stage/stderr.ts';

type Ora = typeof import('ora');

/** Time goes on, also while nothing is reported. */
const refreshMilliseconds = 500;
/** What ora puts in front, and the last column. */
const taken = 3;

export class Status {
  readonly #spinner: ReturnType<Ora['default']>;
  readonly #pipeline = new Pipeline(Date.now());
  readonly #timer: NodeJS.Timeout;
  readonly #others: MessagesOfOthers | undefined;
  readonly #forgetMessages: () => void;
  #drawnAt = Number.NEGATIVE_INFINITY;

  static async open(hasColor: boolean): Promise<Status> {
    const { default: ora } = await importModule<Ora>('ora');
    return new Status(ora, hasColor, await MessagesOfOthers.open(process.stderr.fd));
  }

  private constructor(ora: Ora['default'], hasColor: boolean, others: MessagesOfOthers | undefined) {
    this.#others = others;
    // ora would take over Ctrl-C on standard input, which belongs to the pipeline here.
    this.#spinner = ora({
      stream: process.stderr,
      // That it is a screen was found before; ora would also ask whether it is that of a CI system.
      isEnabled: true,
      discardStdin: false,
      color: hasColor ? 'cyan' : false,
      text: this.#line(),
    }).start();
    this.#timer = setInterval(() => this.#refresh(), refreshMilliseconds).unref();
    this.#forgetMessages = beforeMessages(() => void this.#spinner.clear());
  }

  update(stages: readonly StageReport[], head: ReportHead): void {
    this.#pipeline.report(stages, head);
    this.#refresh();
    if (head.at - this.#drawnAt < refreshMilliseconds) return;
    // The first one at once: the stream may be over before the spinner turns.
    this.#drawnAt = head.at;
    this.#spinner.render();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#forgetMessages();
    this.#spinner.stop();
    this.#others?.close();
  }

  #refresh(): void {
    const said = this.#others?.take();
    if (said) {
      this.#spinner.clear();
      process.stderr.write(said);
    }
    this.#spinner.text = this.#line();
  }

  #line(): string {
    return statusLine(this.#pipeline.view(Date.now()), (process.stderr.columns || 80) - taken);
  }
}
