// The one list of exit codes: thrown by name everywhere, printed in the man page, explained in the README.
// The numbers follow sysexits.h where it has a fitting one.

export const exitCodes = {
  ok: { code: 0, meaning: 'all went well, also when the reader of our output went away first' },
  rejected: { code: 1, meaning: 'finished, but more records were rejected than --max-errors allows' },
  usage: { code: 2, meaning: 'wrong use of an option, an argument or a stage' },
  badData: {
    code: 65,
    meaning: 'bad input: a line that is no envelope, a record that does not fit, a damaged .gz',
  },
  noInput: { code: 66, meaning: 'an input that does not exist or cannot be read' },
  unavailable: { code: 69, meaning: 'a service that cannot be reached' },
  bug: { code: 70, meaning: 'a bug in sluice itself' },
  cannotCreate: { code: 73, meaning: 'an output that cannot be created' },
  inputOutput: { code: 74, meaning: 'an I/O error, or the stage upstream died' },
  tryLater: {
    code: 75,
    meaning: 'another run of the same job is going on, or a database is locked: try again later',
  },
  noPermission: { code: 77, meaning: 'a service that does not let us in: a wrong password, a missing right' },
  stateMisfit: { code: 78, meaning: 'the state was written by another job, or by another version of sluice' },
  interrupted: { code: 130, meaning: 'ended by a second SIGINT (the first one drains the pipeline)' },
  terminated: { code: 143, meaning: 'ended by a second SIGTERM (the first one drains the pipeline)' },
} as const;

export type ExitName = keyof typeof exitCodes;
