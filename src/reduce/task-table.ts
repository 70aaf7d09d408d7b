// Hot path, in workers. What one task reads into: a table of the kernel, and the states beside it.
import { remembered } from '../executor/remembered.ts';
import type { Table } from '../kernel/kernel.ts';
import { processKernel } from '../kernel/load.ts';
import { addFields, newTable, type KernelFields } from './kernel-fields.ts';
import { ListedStates, type Exported } from './listed-states.ts';
import { Numbers } from './numbers.ts';

export class TaskTable {
  readonly #fields: KernelFields | undefined;
  readonly #table: Table;
  readonly #beside: { readonly listed: ListedStates; readonly numbers: readonly Numbers[] };

  /** `fields` are added up; without them words are counted. */
  constructor(fields: KernelFields | undefined) {
    this.#fields = fields && knownFields(fields);
    this.#table = this.#fields ? newTable(this.#fields) : processKernel().createTable();
    this.#beside = {
      listed: new ListedStates(this.#fields?.listed ?? []),
      numbers: this.#fields?.ranked.map(() => new Numbers()) ?? [],
    };
  }

  /** Adds raw lines. False where one is not plain: the table is of no use then. */
  addLines(lines: Uint8Array): boolean {
    if (this.#fields) return addFields(this.#table, this.#beside, this.#fields, lines, 'lines');
    this.#table.countWords(lines);
    return true;
  }

  /** Adds a payload of `count` records. False as for lines. */
  addPayload(payload: Uint8Array, count: number): boolean {
    if (this.#fields) return addFields(this.#table, this.#beside, this.#fields, payload, 'array');
    const { records, fault } = this.#table.countPayload(payload);
    return !fault && records === count;
  }

  get size(): number {
    return this.#table.size;
  }

  /** All of it, for `absorb`. */
  export(): Exported {
    const { listed, numbers } = this.#beside;
    return {
      table: this.#table.export(),
      listed: listed.takeByKey(this.#table),
      numbers: numbers.map((each) => each.export(this.#table.size)),
    };
  }

  free(): void {
    this.#table.free();
  }
}

/** The kernel keeps each description that it is given. */
const knownFields = remembered((fields: KernelFields) => fields);
