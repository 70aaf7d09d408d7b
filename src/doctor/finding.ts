// What a check found.
import { messageOf, SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';

export type Finding = {
  /** What was looked at. */
  readonly name: string;
  readonly found: string;
  /** What to do; it works without where there is no `exitCode`. */
  readonly advice?: string;
  /** Set where it is wrong. */
  readonly exitCode?: number;
};

/** What `check` finds, or why it fails. */
export async function finding(name: string, check: () => Promise<Omit<Finding, 'name'>>): Promise<Finding> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    const { exitCode, hint } =
      error instanceof SluiceError ? error : { exitCode: exitCodes.bug.code, hint: undefined };
    return { name, found: messageOf(error), exitCode, ...(hint !== undefined && { advice: hint }) };
  }
}
