// Hot path. The keys of all records of a part, as what tells them from others, without parsing records where that can be helped.
import { parseJson } from '../../envelope/json.ts';
import type { Table } from '../../kernel/kernel.ts';
import { processKernel } from '../../kernel/load.ts';
import type { PartRecords } from '../../map/part-records.ts';
import { identityOfKey, type Identity } from '../../record/identity.ts';
import type { KeyColumn } from '../expression.ts';

/** In the order of the records. */
export type KeyReader = (part: PartRecords) => Identity[];

/** The kernel looks for so many members at the most. */
const mostMembers = 8;
/** Keys that are kept from one part to the next. */
const mostKept = 65_536;

export function keyReaderFor(keys: readonly KeyColumn[]): KeyReader {
  const names = keys.map(({ fieldName = '' }) => fieldName);
  const areMembers = names.every((name) => name !== '' && !name.includes('.') && !name.startsWith('$'));
  if (!areMembers || names.length === 0 || names.length > mostMembers) return parsedBy(keys);
  const table = processKernel().createTable({ ends: true });
  const parsed = parsedBy(keys);
  // By the number of their group in the table.
  let known: Identity[] = [];
  return (part) => {
    if (table.size > mostKept) {
      table.clear();
      known = [];
    }
    const { fault } = table.addObjects(part.payload, { groups: names, values: [] }, 'array');
    if (fault) return parsed(part);
    const groups: number[] = [];
    table.forEachEnd((group, end) => {
      part.endsAt(groups.length, end);
      groups.push(group);
    });
    if (groups.length !== part.count) return parsed(part);
    return groups.map((group) => (known[group] ??= identityOfGroup(table, group)));
  };
}

function parsedBy(keys: readonly KeyColumn[]): KeyReader {
  return (part) =>
    Array.from({ length: part.count }, (_, index) => {
      const record = part.record(index);
      return identityOfKey(keys.map(({ field }) => field(record) ?? null));
    });
}

/** Its key is JSON texts with zero bytes between. */
function identityOfGroup(table: Table, group: number): Identity {
  return identityOfKey(Buffer.from(table.group(group).key).toString('utf8').split('\0').map(parseJson));
}
