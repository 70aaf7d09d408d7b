import type { Header } from '../envelope/envelope.ts';

/** The header of a part that is made of another one and does not close the batch. */
export function middlePart({ v, batch, from, to, reduced }: Header): Omit<Header, 'n'> {
  return {
    ...(v !== undefined && { v }),
    ...(batch !== undefined && { batch }),
    last: false,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(reduced && { reduced }),
  };
}
