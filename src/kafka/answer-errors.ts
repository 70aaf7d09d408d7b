// What a broker answers where it does not do what was asked.
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';

const offsetOutOfRange = 1;
const leaderNotAvailable = 5;
const duplicateSequence = 46;

type Answer = { readonly errorCode: number };

export function isOutOfRange({ errorCode }: Answer): boolean {
  return errorCode === offsetOutOfRange;
}

/** What came a second time is there, once. */
export function isDone({ errorCode }: Answer): boolean {
  return errorCode === 0 || errorCode === duplicateSequence;
}

/** Without a code: nobody leads the partition at the moment. */
export function answerError(code: number = leaderNotAvailable): Error {
  return createErrorFromCode(code);
}
