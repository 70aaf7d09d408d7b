// Standard input as bytes.
import { messageOf, SluiceError, systemCode } from '../errors.ts';

/** Throws SluiceError('inputOutput') where it cannot be read. */
export async function* readStandardInput(): AsyncGenerator<Buffer> {
  try {
    yield* process.stdin as AsyncIterable<Buffer>;
  } catch (error) {
    const why = systemCode(error) === 'EISDIR' ? 'it is a directory' : messageOf(error);
    throw new SluiceError('inputOutput', `cannot read standard input: ${why}`, undefined, error);
  }
}
