// `-`: standard input, as it comes.
import { isatty } from 'node:tty';
import { readStandardInput } from '../../stage/standard-input.ts';
import { gunzipIfNeeded } from './gzip.ts';
import type { Source, SourceKind } from './source.ts';

class StandardInput implements Source {
  readonly name = 'standard input';
  readonly isTerminal = isatty(0);
  position = 0;

  async *read(): AsyncGenerator<Buffer> {
    yield* gunzipIfNeeded(this.#counted(), this.name);
  }

  async *#counted(): AsyncGenerator<Buffer> {
    for await (const chunk of readStandardInput()) {
      this.position += chunk.length;
      yield chunk;
    }
  }
}

export const standardInputSource: SourceKind = {
  name: '-',
  summary: 'standard input (the default)',
  matches: (operand) => operand === '-',
  open: () => Promise.resolve([new StandardInput()]),
};
