// What stages that hold records of recent time have in common on the command line.
import type { OptionTable } from '../command/command.ts';

export const eventTimeOptions = {
  time: { kind: 'field', describe: 'the field with the time at which a record happened' },
  'time-format': {
    kind: 'text',
    placeholder: 'FORMAT',
    describe: 'how times are written, in the directives of strptime, where they are in no form that is known',
  },
  tz: {
    kind: 'text',
    placeholder: 'ZONE',
    default: 'UTC',
    describe: 'time zone of times that name none: an IANA name, local, UTC or an offset such as +02:00',
  },
  late: { kind: 'path', describe: 'late records go to FILE as NDJSON with place and reason' },
} as const satisfies OptionTable;
