// What becomes of a part whose records were left out or changed: one part, or several where it has grown. Only the last
// one says what comes of the batch.
import type { Envelope, Header, Reduced } from '../envelope/envelope.ts';
import { middlePart } from '../window/middle-part.ts';
import type { Piece } from './write.ts';

export class GrownParts {
  /** How many parts of the batch that is open were made of one that grew, beside the first. */
  #added = 0;

  /** `pieces` are the records that have come of a part, one piece at least, which may be empty. */
  *write(header: Header, pieces: Iterable<Piece>): Generator<Envelope> {
    const { part = 0 } = header;
    let held: Piece | undefined;
    for (const piece of pieces) {
      if (held) {
        const { count: n, payload } = held;
        const middle = { ...inPlace(header), part: part + this.#added, n };
        yield { header: withoutColumns(middle), payload };
        this.#added += 1;
      }
      held = piece;
    }
    const { count: n, payload } = held as Piece;
    const place = this.#added > 0 && { part: part + this.#added };
    if (header.last) this.#added = 0;
    yield { header: withoutColumns({ ...header, ...place, n }), payload };
  }
}

/** The records of a part that stay, in their own bytes. `keepsLast` where the last one is among them. */
export function keptPart(
  { header, payload }: Envelope,
  n: number,
  keepsLast: boolean,
  cut: () => Buffer,
): Envelope {
  if (n === header.n) return { header, payload };
  const { overflow, ...rest } = header;
  // The row of all other keys stands last.
  const withOverflow = overflow !== undefined && keepsLast && { overflow };
  return { header: { ...rest, n, ...withOverflow }, payload: cut() };
}

/** What every part of a batch says of its records. */
function inPlace(header: Header): Omit<Header, 'n'> {
  const { pane, window, session } = header;
  return {
    ...middlePart(header),
    ...(pane && { pane }),
    ...(window && { window }),
    ...(session && { session }),
  };
}

/** Rows whose columns are not what a reduce made of them any more: still rows of a batch or window, but none that can be merged. */
function withoutColumns(header: Header): Header {
  const { reduced, overflow: _overflow, ...rest } = header;
  if (!reduced) return header;
  const changed: Reduced = { keys: [], aggregates: {}, ...(reduced.mode && { mode: reduced.mode }) };
  return { ...rest, reduced: changed };
}
