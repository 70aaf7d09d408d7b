// Records that were windowed but not reduced: held until their windows close, then handed on window by window. Rows, and records
// in no window, pass through.
import { noRecords, type Envelope, type Header, type Interval } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import type { Core } from '../stage/core.ts';
import { PaneStore } from '../window/pane-store.ts';

/** Some records of a pane, as they came. */
type Held = { readonly n: number; readonly payload: Buffer };

export class WindowRowsCore implements Core {
  readonly #panes = new PaneStore<Held[]>();
  #isPaned = false;
  #lastBatch = -1;

  *accept(envelope: Envelope): Generator<Envelope> {
    const { header, payload } = envelope;
    this.#isPaned ||= header.pane !== undefined || (header.closed !== undefined && !header.reduced);
    if (!this.#isPaned) return yield envelope;
    const { pane, batch = 0, closed = [], open: _open, ...rest } = header;
    if (pane && header.n > 0) this.#panes.at(pane, () => []).push({ n: header.n, payload });
    this.#lastBatch = batch;
    if (header.last) yield* this.#write({ ...rest, batch }, closed);
  }

  *end({ header: { closed = [], ...header }, payload }: Envelope): Generator<Envelope> {
    if (closed.length > 0) yield* this.#write({ v: 1, batch: this.#lastBatch + 1, n: 0 }, closed);
    yield { header, payload };
  }

  snapshot(): Json {
    const panes = this.#panes.entries().map(({ pane, held }) => ({
      pane: { ...pane },
      held: held.map(({ n, payload }) => ({ n, records: payload.toString('utf8') })),
    }));
    return { isPaned: this.#isPaned, panes };
  }

  restore(snapshot: Json): void {
    const { isPaned, panes } = snapshot as {
      isPaned: boolean;
      panes: { pane: Interval; held: { n: number; records: string }[] }[];
    };
    this.#isPaned = isPaned;
    for (const { pane, held } of panes) {
      this.#panes.at(pane, () => held.map(({ n, records }) => ({ n, payload: Buffer.from(records) })));
    }
  }

  /** The windows as parts of one batch, the last of which says that all of them are complete. */
  *#write(header: Header, closed: readonly Interval[]): Generator<Envelope> {
    const { v, batch } = header;
    const place = { ...(v !== undefined && { v }), ...(batch !== undefined && { batch }) };
    let part = 0;
    for (const window of closed) {
      const held = this.#panes.inside(window).flat();
      // A window without records is shown as one.
      for (const { n, payload } of held.length > 0 ? held : [{ n: 0, payload: noRecords }]) {
        yield { header: { ...place, part: part++, last: false, n, window }, payload };
      }
      this.#panes.release(window);
    }
    yield { header: { ...header, part, last: true, n: 0, closed }, payload: noRecords };
  }
}
