// What the shares of hot keys gave, put together in their order while others are still folded.
import type { Json } from '../../envelope/json.ts';
import { groupsFrom } from '../fold-groups.ts';
import { GroupTable } from '../group-table.ts';
import type { ReducePlan } from '../plan.ts';

export class Shares {
  readonly #table: GroupTable;
  /** By share, as long as one ahead of it is missing. */
  readonly #waiting: (string | undefined)[] = [];
  #next = 0;

  constructor(plan: ReducePlan) {
    this.#table = new GroupTable(plan, undefined);
  }

  /** Groups of a share, in JSON. Throws SluiceError('badData') where they cannot be put together. */
  take(share: number, groups: string): void {
    this.#waiting[share] = groups;
    for (let text = this.#waiting[this.#next]; text !== undefined; text = this.#waiting[this.#next]) {
      this.#waiting[this.#next] = '';
      this.#next += 1;
      this.#table.absorb(groupsFrom(text));
    }
  }

  /** Of all that were taken. */
  groups(): Json[] {
    return this.#table.snapshot() as Json[];
  }
}
