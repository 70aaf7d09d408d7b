// How PostgreSQL is logged in to, where Kafka can be meant as well: of emit and doctor alike.
import type { OptionTable } from '../../../command/command.ts';

export const passwordOptions = {
  'password-file': {
    kind: 'path',
    describe:
      'Kafka and PostgreSQL: a file whose first line is the password (default: $SLUICE_KAFKA_PASSWORD; $PGPASSWORD or ~/.pgpass)',
  },
} as const satisfies OptionTable;
