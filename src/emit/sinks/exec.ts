// Rows into a command's standard input. How it ends is how this ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { SluiceError } from '../../errors.ts';
import { ByteOutput, ReaderGone } from '../../stage/output.ts';
import { beforeDying } from '../../stage/signals.ts';
import type { EmitSettings } from '../command.ts';
import { jsonList, parquet, rowFormats } from '../formats/registry.ts';
import { openStatus } from '../terminal/screen.ts';
import { TextWriter, type TextTarget } from '../text-writer.ts';
import { execScheme } from './exec-scheme.ts';
import type { Sink } from './sink.ts';

export function prepareExec(operand: string, settings: EmitSettings): Sink {
  const command = operand.slice(execScheme.length);
  const { format = 'ndjson', csvSafe, color } = settings;
  if (command.trim() === '')
    throw new SluiceError('usage', 'exec: which command is to get the rows?', "exec:'jq .count'");
  if (format === parquet || format === jsonList)
    throw new SluiceError('usage', `--format ${format} is not for a command`, 'leave it out, for NDJSON');
  return {
    target: operand,
    async open(showsStatus) {
      const status = showsStatus ? await openStatus(color) : undefined;
      return new TextWriter(
        commandTarget(command),
        await rowFormats[format].create(csvSafe),
        status,
        undefined,
      );
    },
  };
}

function commandTarget(command: string): TextTarget {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = howItEnds(child);
  const forget = beforeDying(() => child.kill());
  const failed = (problem: string): SluiceError =>
    new SluiceError('inputOutput', `'${command}' ${problem}`, 'what it has to say of that stands above');
  const output = new CommandOutput(child.stdin, command, async () => {
    const problem = await ended;
    if (problem !== undefined) throw failed(problem);
  });
  return {
    output,
    async finish(end) {
      // Half of the rows must not be taken for all of them.
      if (end === 'failed') child.kill();
      child.stdin.end();
      const problem = await ended;
      forget();
      if (problem !== undefined && end === 'ok') throw failed(problem);
    },
  };
}

/** A command that reads no more may have had enough, as `head` has, or it has failed. */
class CommandOutput extends ByteOutput {
  readonly #check: () => Promise<void>;

  constructor(stream: Writable, name: string, check: () => Promise<void>) {
    super(stream, name);
    this.#check = check;
  }

  override async write(pieces: readonly (Buffer | string)[]): Promise<void> {
    await this.#checked(() => super.write(pieces));
  }

  override async flush(): Promise<void> {
    await this.#checked(() => super.flush());
  }

  async #checked(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof ReaderGone) await this.#check();
      throw error;
    }
  }
}

/** Undefined where it ended well. */
async function howItEnds(child: ChildProcess): Promise<string | undefined> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (code === 0) return undefined;
    return signal === null ? `ended with exit status ${code}` : `was ended by ${signal}`;
  } catch (error) {
    return `cannot be run: ${error instanceof Error ? error.message : String(error)}`;
  }
}
