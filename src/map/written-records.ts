// Hot path. Steps on members alone, over records as they are written, so that all values keep their bytes. A record whose text does not tell
// (no object, an escape in a name) is parsed, goes through the same steps, and is written anew.
import type { Json } from '../envelope/json.ts';
import { messageOf } from '../errors.ts';
import { MemberReader, objectOf, type ChangeMembers } from './members.ts';
import type { PartRecords } from './part-records.ts';
import type { Step } from './step.ts';
import { textOf } from './write.ts';

type MemberStep = Step & { readonly changeMembers: ChangeMembers };

/** Whether steps can be taken so. */
export function areOfMembers(steps: readonly Step[]): steps is readonly MemberStep[] {
  return steps.every(({ changeMembers }) => changeMembers !== undefined);
}

export class WrittenRecords {
  readonly #steps: readonly MemberStep[];
  readonly #reader = new MemberReader();

  constructor(steps: readonly MemberStep[]) {
    this.#steps = steps;
  }

  /** What becomes of a record, with a character for each byte. Throws an Error that says why it cannot be used. */
  change(part: PartRecords, index: number): string {
    const { text } = part;
    const start = part.start(index);
    const members = this.#reader.read(text, start);
    if (!members) return Buffer.from(textOf(this.#changeParsed(part.record(index)))).toString('latin1');
    part.endsAt(index, this.#reader.end);
    return objectOf(
      this.#steps.reduce(
        (changed, { changeMembers }) => changeMembers(changed),
        members as ReturnType<ChangeMembers>,
      ),
      text,
    );
  }

  #changeParsed(record: Json): Json {
    let changed = record;
    for (const { option, visit } of this.#steps) {
      try {
        visit(changed, (given) => (changed = given));
      } catch (error) {
        throw new Error(`${option}: ${messageOf(error)}`, { cause: error });
      }
    }
    return changed;
  }
}
