import { defineTool, type OptionTable, type Settings } from '../command/command.ts';
import { passwordOptions } from '../emit/sinks/postgres/options.ts';
import { kafkaOptions } from '../kafka/options.ts';

const doctorOptions = {
  state: {
    kind: 'path',
    describe: 'the folder in which a job keeps its state (default: $SLUICE_STATE)',
  },
  ...kafkaOptions,
  ...passwordOptions,
} as const satisfies OptionTable;

export type DoctorSettings = Settings<typeof doctorOptions>;

export const doctorCommand = defineTool({
  name: 'doctor',
  summary: 'check what sluice needs on this machine, and say what to do',
  argument: {
    name: 'SERVICE',
    describe:
      'what a job reads or writes, as it is named there: kafka://HOST:9092/TOPIC, sqlite:FILE, postgres://USER@HOST/DATABASE',
    takes: 'many',
  },
  options: doctorOptions,
  description: [
    'Looks at Node and the kernel, at the terminal, and at what is named: topics of Kafka, databases, and the folder of the state. A line for each says what was found, and where something is wrong, a line below it what to do. Nothing is written, and no run is disturbed.',
    'The exit status is 0 where all is well, else that of the first thing that is not, the same as a job would have ended with: 69 for a service that cannot be reached, 77 where it does not let us in, 73 for a place that cannot be written.',
    'At PostgreSQL and Kafka it logs in as a job would, and at PostgreSQL it says where no tables can be made.',
  ],
  examples: [
    { line: 'sluice doctor', explains: 'Node and the terminal' },
    {
      line: 'sluice doctor --state ~/.local/state/sluice/orders kafka://127.0.0.1:9092/orders sqlite:orders.db',
      explains: 'all that a job needs',
    },
  ],
  run: async (settings, operands) => (await import('./doctor.ts')).doctor(settings, operands),
});
