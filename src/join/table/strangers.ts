// Records of which none has had a partner: mostly that is a slip, and nobody sees it in what comes out. The first keys are kept, to
// tell whether it is the key's type, which would be the most common one.
import type { Closing } from '../../stage/stage.ts';
import type { KeyField } from '../key.ts';
import type { Partners } from './partners.ts';
import type { Table } from './table.ts';

const mostKeys = 100;

export class Strangers {
  readonly #fields: readonly KeyField[];
  #count = 0;
  readonly #keys: string[] = [];
  #isOver = false;

  constructor(fields: readonly KeyField[]) {
    this.#fields = fields;
  }

  /** The record at hand. */
  look(partners: Partners): void {
    if (this.#isOver || partners.fault !== undefined) return;
    this.#isOver = partners.row !== 0;
    this.#count += 1;
    if (this.#keys.length === mostKeys) return;
    const { key } = partners;
    if (key !== undefined) this.#keys.push(key);
  }

  /** Nothing where it may well be right. */
  warnings(table: Table | undefined, name: string): Closing['warnings'] {
    if (this.#isOver || this.#count === 0 || !table) return [];
    const field = this.#fields.map((one) => one.name).join(', ');
    if (this.#keys.length === 0)
      return [
        {
          message: `no record had a value of ${field}, the key by which ${name} is joined`,
          hint: '--on NAME=FIELD is for keys that are called differently here and there',
        },
      ];
    const found = this.#keys.find((key) => hasKey(table, otherType(key)));
    if (found === undefined) return [];
    const [here, there] = found.startsWith('"') ? ['text', 'a number'] : ['a number', 'text'];
    return [
      {
        message: `no record had a partner: ${field} is ${here} in them and ${there} in ${name}`,
        hint: `${found} is not ${otherType(found)}: --types of ingest, or of join, says what a column is`,
      },
    ];
  }
}

/** `7` of `"7"`, and the other way around. */
function otherType(key: string): string {
  const [, digits] = /^"(-?\d+(?:\.\d+)?)"$/.exec(key) ?? [];
  return digits === undefined ? `"${key}"` : String(Number(digits));
}

function hasKey({ rows }: Table, key: string): boolean {
  const bytes = Buffer.from(key);
  return rows.find(bytes, bytes.length) !== 0;
}
