// Rows to one sink or several at once. One that fails ends all of them; one whose reader has gone is over, and the others go on.
import type { StageReport } from '../envelope/envelope.ts';
import type { ReportHead } from '../monitor/pipeline.ts';
import type { Json } from '../envelope/json.ts';
import type { Resumption } from '../stage/committing.ts';
import { ReaderGone } from '../stage/output.ts';
import type { Positions } from '../state/offsets-log.ts';
import type { TableWriter } from './emit.ts';
import type { TableHead } from './formats/format.ts';
import type { Rows } from './rows.ts';
import { execScheme } from './sinks/exec-scheme.ts';

type Member = {
  readonly writer: TableWriter;
  /** What tells it apart from the others, for the next run. */
  readonly target: string;
  /** Batches up to this one are there already, from an earlier run. */
  known: number;
  isOver: boolean;
};

export class SinksWriter implements TableWriter {
  readonly #members: Member[];
  /** What sinks have kept that earlier runs wrote to, and this one does not, by target. */
  #others: { readonly [target: string]: Json } = {};

  constructor(sinks: readonly { readonly target: string; readonly writer: TableWriter }[]) {
    this.#members = sinks.map(({ target, writer }) => ({
      target,
      writer,
      known: Number.NEGATIVE_INFINITY,
      isOver: false,
    }));
  }

  async write(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): Promise<void> {
    const wanting = this.#members.filter(
      ({ known, isOver }) => !isOver && (head.batch === undefined || head.batch > known),
    );
    await settled(
      wanting.map((member) => guarded(member, () => member.writer.write(rows, head, isFirst, isLast))),
    );
    if (this.#members.every(({ isOver }) => isOver)) throw new ReaderGone();
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    for (const { writer } of this.#members) writer.report(stages, head);
  }

  breakOff(): void {
    for (const { writer } of this.#members) writer.breakOff?.();
  }

  /** What one of them lacks comes once more for all, and those that have it pass it over. */
  async resume(from: Resumption): Promise<number | undefined> {
    const { sinks = {} } = (from.kept ?? {}) as { sinks?: { readonly [target: string]: Json } };
    this.#others = sinks;
    const all: (number | undefined)[] = [];
    for (const member of this.#members) {
      const kept = Object.hasOwn(sinks, member.target) ? sinks[member.target] : undefined;
      const known = member.writer.resume ? await member.writer.resume({ ...from, kept }) : from.committed;
      if (known !== undefined) member.known = known;
      all.push(known);
    }
    return all.includes(undefined) ? undefined : Math.min(...(all as number[]));
  }

  async commit(batch: number, read: Positions): Promise<Json> {
    const kept: [string, Json][] = Object.entries(this.#others);
    for (const { target, writer } of this.#members)
      kept.push([target, (await writer.commit?.(batch, read)) ?? null]);
    return { sinks: Object.fromEntries(kept) };
  }

  /** Commands first, since only their end tells whether it was a good one: where it was not, nobody else has the rows for good. */
  async close(end: 'ok' | 'failed'): Promise<void> {
    const failures: unknown[] = [];
    const order = this.#members.toSorted((one, other) => Number(isCommand(other)) - Number(isCommand(one)));
    for (const member of order) {
      const closing = guarded(member, () => member.writer.close(failures.length > 0 ? 'failed' : end));
      await closing.catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}

function isCommand({ target }: Member): boolean {
  return target.startsWith(execScheme);
}

async function guarded(member: Member, work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
    member.isOver = true;
  }
}

/** All of them are waited for, so that none writes on behind a failure. */
async function settled(works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
