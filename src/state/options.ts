// The options by which a job is told to keep state; the stages behind ingest learn of it from the stream.
import type { OptionTable } from '../command/command.ts';

export const stateOptions = {
  state: {
    kind: 'path',
    placeholder: 'DIR',
    describe:
      'keep the state of the whole pipeline in DIR (default: $SLUICE_STATE), so that the same line goes on where it was, also after a crash',
  },
  final: {
    kind: 'flag',
    describe:
      'with state: the end of the input is the end of it all, so that windows that are open are closed; else they wait for the next run',
  },
} as const satisfies OptionTable;
