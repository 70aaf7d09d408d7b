// Options of sources that bytes are sent to, or that are connected to.
import type { OptionTable } from '../../command/command.ts';

export const receiverOptions = {
  'exit-on-eof': {
    kind: 'flag',
    describe:
      'tcp, unix, exec: end where the connection or the command ends (default: connect again after 2 s, run it again)',
  },
  'max-connections': {
    kind: 'count',
    describe: 'sources that listen: so many clients at a time (default: 1000)',
  },
  'idle-timeout': {
    kind: 'duration',
    describe:
      'sources that listen: let a client go that has sent nothing whole for so long (default: never, but 30 s for a line or a batch that has begun)',
  },
  'dedup-header': {
    kind: 'text',
    placeholder: 'NAME',
    describe:
      'Flume, http-listen: leave out events whose header NAME, an id, was there before: batches that were sent twice',
  },
} as const satisfies OptionTable;
