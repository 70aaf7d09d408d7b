// The batches of several streams as batches of one: parts are numbered anew, and the last stream's last part is the last.
import { formatVersion, isEnd, type Envelope } from '../envelope/envelope.ts';
import type { Core } from '../stage/core.ts';
import type { Merged } from '../stage/merge.ts';
import { refuseWindowed } from '../window/refuse-windowed.ts';

export class UnionCore implements Core<Merged> {
  #batch: number | undefined;
  #part = 0;

  *accept({ header, payload, into, closes }: Merged): Generator<Envelope> {
    if (isEnd({ header, payload })) return;
    refuseWindowed(header, 'put `union` in front of `sluice window`');
    if (!into) return yield { header, payload };
    const { batch: _batch, part: _part, last, from: _from, to: _to, ...rest } = header;
    this.#batch ??= into.batch ?? 0;
    const isLast = last === true && closes === true;
    const { from, to } = into;
    const place = {
      v: formatVersion,
      batch: this.#batch,
      part: this.#part++,
      last: isLast,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    };
    yield { header: { ...rest, ...place }, payload };
    if (!isLast) return;
    this.#batch += 1;
    this.#part = 0;
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }
}
