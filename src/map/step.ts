// What a step does to records, one by one. A stage has one or several, applied in the order they were given.
import type { Json } from '../envelope/json.ts';
import type { ChangeMembers } from './members.ts';
import type { PartRecords } from './part-records.ts';

type Give = (record: Json) => void;

export type TimeLimit = {
  /** For one record. */
  readonly milliseconds: number;
  /** What is said of one that takes longer. */
  readonly reason: string;
};

export type Step = {
  /** As it was typed, for messages: `--map`. */
  readonly option: string;
  /** True where records leave as they came, or not at all. */
  readonly keeps: boolean;
  /** Gives what becomes of a record; throws where it cannot be used. */
  readonly visit: (record: Json, give: Give) => void;
  /** As `visit` of a step that keeps, without parsing where that can be helped. */
  readonly stays?: (part: PartRecords, index: number) => boolean;
  /** As `visit`, of an object's members as they are written. */
  readonly changeMembers?: ChangeMembers | undefined;
  /** Code of a user, which is work for workers. */
  readonly isUserCode?: boolean;
  /** For what may never end: code of a user, and patterns. */
  readonly limit?: TimeLimit | undefined;
  /** Present where it holds something between two records. */
  readonly held?: { readonly snapshot: () => Json; readonly restore: (held: Json) => void };
};

/** A step that leaves records out without looking at them. */
export function blindStep(option: string, stays: () => boolean, held: Step['held']): Step {
  return {
    option,
    keeps: true,
    visit: (record, give) => {
      if (stays()) give(record);
    },
    stays,
    ...(held && { held }),
  };
}

/** A step that makes one record of each. */
export function oneToOne(
  option: string,
  change: (record: Json) => Json,
  changeMembers?: ChangeMembers,
): Step {
  return { option, keeps: false, visit: (record, give) => give(change(record)), changeMembers };
}
