// What a joined record looks like: the left record's fields as they came, then the right one's with a prefix and without
// the key. A side that is absent has no fields.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { describe } from '../record/messages.ts';
import type { KeyField } from './key.ts';

/** One side of a joined record. */
export type Fields = {
  /** JSON members without the braces around them. */
  readonly text: string;
  /** The names among them that the other side may have as well. */
  readonly names: readonly string[];
};

/** The fields of a record, as text where it has none. */
export type FieldsOf = (record: Json, slice: Buffer) => Fields | string;

/** Names that do not begin with `prefix` no right record has. */
export function leftFields(prefix: string): FieldsOf {
  return (record, slice) => {
    if (!isObject(record)) return noObject(record);
    const text = slice.toString('utf8').trim().slice(1, -1).trim();
    return { text, names: Object.keys(record).filter((name) => name.startsWith(prefix)) };
  };
}

export function rightFields(prefix: string, keys: readonly KeyField[]): FieldsOf {
  const keyNames = new Set(keys.map(({ name }) => name));
  return (record) => {
    if (!isObject(record)) return noObject(record);
    const members = Object.entries(record).filter(([name]) => !keyNames.has(name));
    const names = members.map(([name]) => prefix + name);
    const texts = members.map(
      ([, value], index) => `${JSON.stringify(names[index])}:${stringifyJson(value)}`,
    );
    return { text: texts.join(','), names };
  };
}

export function pairText(left: Fields, right: Fields): string {
  return objectText([left.text, right.text]);
}

/** Why two records cannot be put together, if so. */
export function clashOf(left: Fields, right: Fields): string | undefined {
  const shared = left.names.find((name) => right.names.includes(name));
  return shared === undefined ? undefined : sharedName(shared);
}

export function sharedName(name: string): string {
  return `both it and its partner have a field '${name}'; another --prefix tells the two apart`;
}

export function leftText({ text }: Fields): string {
  return objectText([text]);
}

/** The key stands in front, called as it is in the left stream. */
export function rightText({ text }: Fields, keys: readonly KeyField[], values: readonly Json[]): string {
  const key = keys.map(
    ({ name }, index) => `${JSON.stringify(name)}:${stringifyJson(values[index] ?? null)}`,
  );
  return objectText([...key, text]);
}

function objectText(members: readonly string[]): string {
  return `{${members.filter((text) => text !== '').join(',')}}`;
}

export function isObject(record: Json): record is { [key: string]: Json } {
  return typeof record === 'object' && record !== null && !Array.isArray(record);
}

export function noObject(record: Json): string {
  return `join needs an object, and this is ${describe(record)}`;
}
