// Records → records with what a table says of them, part by part, in their batch and in order. A batch sees one table: where
// that is read again, the batch that begins next is the first to get it.
import { isUtf8 } from 'node:buffer';
import type { Envelope } from '../../envelope/envelope.ts';
import { requireBatch } from '../../envelope/sequence.ts';
import { GrownParts, keptPart } from '../../map/grown-parts.ts';
import type { Piece } from '../../map/write.ts';
import { placeOf } from '../../record/messages.ts';
import type { Core, Step } from '../../stage/core.ts';
import type { Rejects } from '../../stage/rejects.ts';
import type { Closing } from '../../stage/stage.ts';
import { Runs } from '../../window/runs.ts';
import type { KeyField } from '../key.ts';
import { JoinedRecords } from './joined-records.ts';
import { Partners } from './partners.ts';
import { Strangers } from './strangers.ts';
import type { Table } from './table.ts';

export type TableJoinPlan = {
  /** Records with their partners, all records, those that have a partner, those that have none. */
  readonly type: 'inner' | 'left' | 'semi' | 'anti';
  /** The fields of a record that make up its key. */
  readonly keys: readonly KeyField[];
};

/** A table that is read when somebody needs it, and maybe again. */
export interface TableSource {
  /** Undefined before it was read. */
  readonly table: Table | undefined;
  /** A batch begins: something to wait for where the table has to be read. */
  refresh(now: number): Promise<void> | undefined;
}

export type TableJoinOptions = { readonly rejects: Rejects; readonly partSize: number };

export class TableJoinCore implements Core {
  readonly #plan: TableJoinPlan;
  readonly #source: TableSource;
  readonly #rejects: Rejects;
  readonly #partSize: number;
  readonly #keeps: boolean;
  readonly #parts = new GrownParts();
  readonly #strangers: Strangers;
  #table: Table | undefined;
  #partners: Partners | undefined;
  #isBatchOpen = false;

  constructor(plan: TableJoinPlan, source: TableSource, { rejects, partSize }: TableJoinOptions) {
    this.#plan = plan;
    this.#source = source;
    this.#rejects = rejects;
    this.#partSize = partSize;
    this.#strangers = new Strangers(plan.keys);
    this.#keeps = plan.type === 'semi' || plan.type === 'anti';
  }

  *accept(envelope: Envelope, now: number): Generator<Step> {
    const { header } = envelope;
    requireBatch(header, 'join');
    if (!this.#isBatchOpen) {
      const reading = this.#source.refresh(now);
      if (reading) yield reading;
      this.#take(this.#source.table);
    }
    this.#isBatchOpen = header.last !== true;
    const partners = this.#partnersIn(envelope);
    if (this.#keeps) yield this.#kept(envelope, partners);
    else yield* this.#parts.write(header, this.#joined(envelope, partners));
  }

  /** A table that cannot be read is not found out with the first batch only, which may be an hour away. */
  *heartbeat(now: number): Generator<Step> {
    const reading = this.#source.table ? undefined : this.#source.refresh(now);
    if (reading) yield reading;
  }

  *end(ending: Envelope): Generator<Envelope> {
    yield ending;
  }

  counters(): Record<string, number> {
    const rejected = this.#rejects.takeCount();
    return rejected > 0 ? { rejected } : {};
  }

  /** For the end; `name` is what the table is called. */
  warnings(name: string): Closing['warnings'] {
    return this.#strangers.warnings(this.#table, name);
  }

  #take(table: Table | undefined): void {
    if (!table || table === this.#table) return;
    this.#table = table;
    this.#partners = new Partners(table, this.#plan.keys, this.#keeps);
  }

  #partnersIn(envelope: Envelope): Partners {
    const { payload } = envelope;
    const partners = this.#partners as Partners;
    // What is no UTF-8 is what it is decoded to.
    partners.begin(envelope, isUtf8(payload) ? payload : Buffer.from(payload.toString('utf8')));
    return partners;
  }

  #kept(envelope: Envelope, partners: Partners): Envelope {
    const runs = new Runs(partners.payload);
    let isKept = false;
    for (let index = 0; partners.next(); index += 1) {
      this.#strangers.look(partners);
      isKept =
        !this.#isRejected(envelope, partners, index) && (partners.row !== 0) === (this.#plan.type === 'semi');
      if (isKept) runs.add(partners.start, partners.end);
    }
    return keptPart(envelope, runs.count, isKept, () => runs.join());
  }

  *#joined(envelope: Envelope, partners: Partners): Generator<Piece> {
    const { rows } = this.#table as Table;
    const out = new JoinedRecords(this.#partSize, 2 * envelope.payload.length);
    for (let index = 0; partners.next(); index += 1) {
      this.#strangers.look(partners);
      const { payload, start, close, end, hasMembers } = partners;
      if (partners.row === 0) {
        if (this.#isRejected(envelope, partners, index) || this.#plan.type === 'inner') continue;
        if (out.isFullFor(end - start)) yield out.take();
        out.add(payload, start, end);
        continue;
      }
      for (let row = partners.row; row !== 0; row = rows.next(row)) {
        const length = rows.length(row);
        if (out.isFullFor(close - start + length + 2)) yield out.take();
        const from = rows.start(row);
        if (length === 0) out.add(payload, start, end);
        else out.addJoined(payload, start, close, hasMembers, rows.bytes, from, from + length);
      }
    }
    yield out.take();
  }

  #isRejected({ header }: Envelope, partners: Partners, index: number): boolean {
    if (partners.fault === undefined) return false;
    this.#rejects.reject(partners.record(), placeOf(header, index), partners.fault);
    return true;
  }
}
