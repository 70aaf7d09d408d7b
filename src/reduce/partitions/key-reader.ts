// Hot path. The keys of all records of a part, as what tells them from others, without parsing records where that can be helped.
import { isUtf8 } from 'node:buffer';
import { parseJson, type Json } from '../../envelope/json.ts';
import { processKernel } from '../../kernel/load.ts';
import type { PartRecords } from '../../map/part-records.ts';
import { identityOfKey, type Identity } from '../../record/identity.ts';
import type { KeyColumn } from '../expression.ts';
import { areMembers } from '../kernel-fields.ts';

/** In the order of the records. */
export type KeyReader = (part: PartRecords) => Identity[];

/** Keys are kept from one part to the next for so many bytes of input, which are more than those of the keys. */
const keptFor = 32 * 1024 * 1024;

export function keyReaderFor(keys: readonly KeyColumn[]): KeyReader {
  const names = keys.map(({ fieldName = '' }) => fieldName);
  if (names.length === 0 || names.includes('') || !areMembers(names)) return parsedBy(keys);
  const table = processKernel().createTable({ ends: true });
  const parsed = parsedBy(keys);
  // By the number of their group in the table.
  let known: Identity[] = [];
  let bytes = 0;
  const identityOf = (group: number): Identity => {
    const identity = known[group];
    if (identity !== undefined) return identity;
    return (known[group] = identityOfTexts(Buffer.from(table.group(group).key).toString('utf8')));
  };
  return (part) => {
    // Places would be those of the bytes made valid.
    if (!isUtf8(part.payload)) return parsed(part);
    if (bytes > keptFor) {
      table.clear();
      known = [];
      bytes = 0;
    }
    bytes += part.payload.length;
    const kernel = processKernel();
    kernel.takeRounded();
    const { fault } = table.addObjects(part.payload, { groups: names, values: [] }, 'array');
    // A key must be the same in each part, whoever reads it: one that the kernel would round is always parsed.
    if (fault || kernel.takeRounded()) return parsed(part);
    const groups: number[] = [];
    table.forEachEnd((group, end) => {
      part.endsAt(groups.length, end);
      groups.push(group);
    });
    if (groups.length !== part.count) return parsed(part);
    return groups.map(identityOf);
  };
}

function parsedBy(keys: readonly KeyColumn[]): KeyReader {
  return (part) =>
    Array.from({ length: part.count }, (_, index) => {
      const record = part.record(index);
      return identityOfKey(keys.map(({ field }) => asKernelHasIt(field(record) ?? null)));
    });
}

/** UTF-8 has no halves of surrogate pairs. */
function asKernelHasIt(value: Json): Json {
  return typeof value === 'string' ? Buffer.from(value).toString() : value;
}

/** JSON texts with zero bytes between. */
function identityOfTexts(texts: string): Identity {
  return identityOfKey(texts.split('\0').map(parseJson));
}
