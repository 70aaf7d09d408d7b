// Trying again, as long as it may help: a cluster that loses a broker has a new leader within seconds.
import { tryUntilItWorks } from '../persist.ts';
import { isPassing, kafkaProblem } from './problems.ts';

export type Persistence = {
  /** What is to be reached, for messages. */
  readonly where: string;
  /** How long to go on without success, in milliseconds. */
  readonly patience: () => number;
  readonly stop?: AbortSignal;
};

/** Throws SluiceError where it is over, or cannot help. */
export async function persist<Result>(
  { where, ...persistence }: Persistence,
  work: () => Promise<Result>,
): Promise<Result> {
  return tryUntilItWorks({ ...persistence, isPassing, problem: (error) => kafkaProblem(where, error) }, work);
}
