// In workers. Records folded into groups one by one, for reductions that the kernel cannot do, such as those of users. Functions do not
// cross thread boundaries: each thread makes the plan anew of what the user typed.
import { parseJson, stringifyJson, type Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import { remembered } from '../executor/remembered.ts';
import type { FoldPart } from './fold-parts.ts';
import { GroupTable } from './group-table.ts';
import { planFrom, type ReducePlan } from './plan.ts';

/** What a plan is made of. */
export type PlanSource = {
  readonly by: string[];
  readonly expressions: string[];
  /** The path of a module. */
  readonly fold: string | undefined;
  readonly taskTimeout?: number | undefined;
};

export type FoldGroups = {
  readonly parts: readonly FoldPart[];
  /** What the payloads lie in, where they were handed over. */
  readonly area?: ArrayBuffer;
  readonly plan: PlanSource;
};

/** A record that cannot be used: of which part, which one of it, and why. */
type Misfit = readonly [part: number, index: number, reason: string];

export type FoldedGroups =
  | {
      /** As a snapshot of their table, in JSON. */
      readonly groups: string;
      readonly misfits: readonly Misfit[];
      readonly area?: ArrayBuffer | undefined;
    }
  /** An error would lose its kind between threads. */
  | { readonly failure: string };

export async function foldGroups({ parts, plan: source, area }: FoldGroups): Promise<FoldedGroups> {
  try {
    const table = new GroupTable(await planOf(source), undefined);
    const misfits: Misfit[] = [];
    for (const [part, { payload, count }] of parts.entries()) {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      table.foldRecords({ header: { n: count }, payload: bytes }, (_record, index, reason) =>
        misfits.push([part, index, reason]),
      );
    }
    return { groups: stringifyJson(table.snapshot()), misfits, ...(area && { area }) };
  } catch (error) {
    if (error instanceof SluiceError) return { failure: error.message };
    throw error;
  }
}

export function groupsFrom(text: string): readonly Json[] {
  return parseJson(text) as Json[];
}

const planOf = remembered(async ({ by, expressions, fold, taskTimeout }: PlanSource) => {
  const column = fold === undefined ? undefined : await (await import('./user-fold.ts')).loadFold(fold);
  return planFrom({ by, words: false, partial: false, taskTimeout }, expressions, column) as ReducePlan;
});
