import type { Header } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';

/** Throws SluiceError('usage') for records that a window upstream has marked. */
export function refuseWindowed(header: Header): void {
  if (!(header.pane ?? header.closed ?? header.window ?? header.session)) return;
  throw new SluiceError(
    'usage',
    'these records are in windows already',
    'one `sluice window` in a pipeline is enough; two kinds of windows need two pipelines',
  );
}
