import type { Header } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';

const oneWindow = 'one `sluice window` in a pipeline is enough; two kinds of windows need two pipelines';

/** Throws SluiceError('usage') for records that a window upstream has marked. */
export function refuseWindowed(header: Header, hint = oneWindow): void {
  if (!(header.pane ?? header.closed ?? header.window ?? header.session)) return;
  throw new SluiceError('usage', 'these records are in windows already', hint);
}
