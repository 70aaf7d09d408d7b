// `-`: standard input, as it comes.
import { readStandardInput } from '../../stage/standard-input.ts';
import { gunzipIfNeeded } from './gzip.ts';
import type { Source, SourceKind } from './source.ts';

class StandardInput implements Source {
  readonly name = 'standard input';
  // Who reads files need not wait until Node has loaded terminals, and with them sockets: 4 ms.
  readonly isTerminal = process.getBuiltinModule('node:tty').isatty(0);
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
