// Hot path. The key of a record, as what tells it from others, without parsing the record where that can be helped.
import type { Json } from '../../envelope/json.ts';
import { MemberScanner, plainValue } from '../../map/member-scanner.ts';
import type { PartRecords } from '../../map/part-records.ts';
import { identityOfKey, type Identity } from '../../record/identity.ts';
import type { KeyColumn } from '../expression.ts';

export type KeyReader = (part: PartRecords, index: number) => Identity;

export function keyReaderFor(keys: readonly KeyColumn[]): KeyReader {
  const names = keys.map(({ fieldName = '' }) => fieldName);
  const parsed: KeyReader = (part, index) => {
    const record = part.record(index);
    return identityOfKey(keys.map(({ field }) => field(record) ?? null));
  };
  const areMembers = names.every((name) => name !== '' && !name.includes('.') && !name.startsWith('$'));
  if (!areMembers) return parsed;
  const scanner = new MemberScanner(names);
  // The last key, as text and quoted: of a hot key there are many in a row.
  let last: Identity = null;
  let quoted: string | undefined;
  return (part, index) => {
    const { text } = part;
    part.endsAt(index, scanner.scan(text, part.start(index)));
    if (!scanner.isPlain) return parsed(part, index);
    if (quoted !== undefined && names.length === 1 && text.startsWith(quoted, scanner.places[0])) return last;
    const key: Json[] = [];
    for (let name = 0; name < names.length; name += 1) {
      const place = scanner.places[name] as number;
      const value = place === -1 ? null : plainValue(text, place);
      if (value === undefined) return parsed(part, index);
      key.push(value);
    }
    last = identityOfKey(key);
    quoted = typeof key[0] === 'string' ? `"${key[0]}"` : undefined;
    return last;
  };
}
