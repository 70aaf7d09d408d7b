// The batches of several streams as batches of one: parts are numbered anew, and the last stream's last part is the last.
import { formatVersion, isEnd, type Envelope, type Job } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Core } from '../stage/core.ts';
import type { FurtherPositions } from '../stage/further-positions.ts';
import type { Merged } from '../stage/merge.ts';
import { refuseWindowed } from '../window/refuse-windowed.ts';

export class UnionCore implements Core<Merged> {
  readonly #further: FurtherPositions;
  #batch: number | undefined;
  #part = 0;

  constructor(further: FurtherPositions) {
    this.#further = further;
  }

  *accept({ header, payload, into, closes, input }: Merged): Generator<Envelope> {
    if (isEnd({ header, payload })) return;
    this.#further.count(input, header.last);
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

  attach(job: Job): void {
    this.#further.begin(job);
  }

  snapshot(): Json {
    return { batch: this.#batch ?? null, further: this.#further.snapshot() };
  }

  restore(snapshot: Json): void {
    const { batch, further } = snapshot as { batch: number | null; further: Json };
    this.#batch = batch ?? undefined;
    this.#further.restore(further);
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }
}
