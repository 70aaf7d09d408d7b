// Options that only some kinds of sources or sinks heed: with others they would change nothing, and whoever gave them means
// something else.
import { SluiceError } from '../errors.ts';

/** A kind of source or sink. */
export type Heeding = {
  /** What an operand for it looks like. */
  readonly name: string;
  /** The options that it heeds, beside those of all kinds. */
  readonly options: readonly string[];
};

/** `given` are names of options as on the command line. Throws SluiceError('usage') for one that none of `chosen` heeds. */
export function refuseUnheeded(
  given: readonly string[],
  chosen: readonly Heeding[],
  kinds: readonly Heeding[],
  operands: readonly string[],
): void {
  const heeds = (name: string) => (kind: Heeding) => kind.options.includes(name);
  const unheeded = given.find((name) => !chosen.some(heeds(name)));
  if (unheeded === undefined) return;
  throw new SluiceError(
    'usage',
    `--${unheeded} does nothing with ${operands.join(', ')}`,
    `it is for ${kinds
      .filter(heeds(unheeded))
      .map(({ name }) => name)
      .join(', ')}`,
  );
}
