// Which batches of several streams are one batch: those of one interval, or, without intervals, of one number.
import type { Header } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { comesBefore, type Order } from '../stage/merge.ts';

/** Throws SluiceError('badData') where intervals overlap without being the same. */
export function unionOrder(): Order {
  let until: number | undefined;

  function settle(into: Header): void {
    const { from, to } = into;
    if (from === undefined || to === undefined) return;
    if (until !== undefined && from < until) throw overlapping(from, until);
    until = to;
  }

  return (heads) => {
    const waiting = heads.flatMap((head, input) => (head ? [{ head, input }] : []));
    const oldest = waiting.reduce((one, other) => (comesBefore(other.head, one.head) ? other : one)).head;
    const together = waiting.filter(({ head }) => !comesBefore(oldest, head));
    const { from, to, ...into } = oldest;
    const isTimed = together.every(({ head }) => head.from !== undefined && head.to !== undefined);
    for (const { head } of together)
      if (isTimed && head.from !== from) throw overlapping(Number(head.from), Number(to));
    const whole = isTimed ? oldest : into;
    settle(whole);
    return together.map(({ input }, index) => ({
      input,
      into: whole,
      closes: index === together.length - 1,
    }));
  };
}

function overlapping(from: number, until: number): SluiceError {
  return new SluiceError(
    'badData',
    `a batch that begins at ${from} overlaps another one, which ends at ${until}`,
    'cut all streams of a union by the same interval: sluice batch 10s',
  );
}
