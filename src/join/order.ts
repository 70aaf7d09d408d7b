// Which batch comes next: of the right stream first what is not newer, so that what comes of it goes into the batch of the
// left stream that closes behind it.
import { comesBefore, type Order } from '../stage/merge.ts';

export const joinOrder: Order = ([left, right]) => {
  if (!left) return right ? [{ input: 1, into: right, closes: true }] : [];
  const closing = { input: 0, into: left, closes: true };
  if (!right || comesBefore(left, right)) return [closing];
  const joining = { input: 1, into: left, closes: false };
  // Of two that are even both come now: the next one of the right stream is newer, and must not be waited for.
  return comesBefore(right, left) ? [joining] : [joining, closing];
};
