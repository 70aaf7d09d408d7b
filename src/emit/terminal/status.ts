// The line on standard error, where that is a terminal and the rows go elsewhere: ora's spinner with what the whole
// pipeline does.
import type { StageReport } from '../../envelope/envelope.ts';
import { importModule } from '../../package.ts';
import { PipelineReport } from './pipeline-report.ts';

type Ora = typeof import('ora');

export class Status {
  readonly #spinner: ReturnType<Ora['default']>;
  readonly #report = new PipelineReport(performance.now());

  static async open(hasColor: boolean): Promise<Status> {
    const { default: ora } = await importModule<Ora>('ora');
    return new Status(ora, hasColor);
  }

  private constructor(ora: Ora['default'], hasColor: boolean) {
    // ora would take over Ctrl-C on standard input, which belongs to the pipeline here.
    this.#spinner = ora({
      stream: process.stderr,
      discardStdin: false,
      color: hasColor ? 'cyan' : false,
      text: this.#report.line(performance.now()),
    }).start();
  }

  update(stages: readonly StageReport[], batch: number | undefined): void {
    this.#report.add(stages, batch);
    this.#spinner.text = this.#report.line(performance.now());
  }

  close(): void {
    this.#spinner.stop();
  }
}
