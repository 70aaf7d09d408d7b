// Steps on the members of records: --select, --drop, --rename, --explode; and --words, on text.
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import { describe } from '../record/messages.ts';
import { namedFields } from '../record/named-fields.ts';
import { splitWords } from '../record/words.ts';
import { writtenName, type ChangeMembers } from './members.ts';
import { oneToOne, type Step } from './step.ts';

type JsonObject = { [key: string]: Json };

export function selectStep(text: string): Step {
  const fields = namedFields('select', [text]);
  refuseTwice(
    'select',
    fields.map(({ name }) => name),
  );
  const areColumns = fields.every(({ fieldName }) => /^\$\d+$/.test(fieldName));
  const select = (record: Json): Json => {
    if (!(areColumns && typeof record === 'string')) requireObject(record);
    return Object.fromEntries(
      fields.flatMap(({ name, field, fieldName }) => {
        const value = field(record) ?? ownNull(record, fieldName);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  };
  return oneToOne(
    '--select',
    select,
    selectMembers(fields.map(({ name, fieldName }) => [writtenName(name), writtenMember(fieldName)])),
  );
}

function selectMembers(
  pairs: readonly (readonly [to: string | undefined, from: string | undefined])[],
): ChangeMembers | undefined {
  if (!pairs.every((pair): pair is readonly [string, string] => !pair.includes(undefined))) return undefined;
  return (members) =>
    pairs.flatMap(([name, from]) => {
      // The last one of a name counts, as for JSON.parse.
      const found = members.findLast((member) => member.name === from);
      return found ? { ...found, name } : [];
    });
}

/** The name of an object's own member as it is written; undefined for a member of a member, a column, or the record. */
function writtenMember(fieldName: string): string | undefined {
  return /^\$\d+$|\./.test(fieldName) ? undefined : writtenName(fieldName);
}

/** For most who ask, null is a missing value; here it is one that is there. */
function ownNull(record: Json, name: string): null | undefined {
  return isObject(record) && Object.hasOwn(record, name) ? null : undefined;
}

export function dropStep(text: string): Step {
  const names = text.split(',');
  if (names.includes(''))
    throw new SluiceError(
      'usage',
      `--drop '${text}' names no field`,
      'write it like --drop a, or --drop a,b',
    );
  const drop = (record: Json): Json => {
    requireObject(record);
    return names.reduce((rest: Json, name) => changed(rest, name, () => undefined), record);
  };
  const written = new Set(names.map((name) => (name.includes('.') ? undefined : writtenName(name))));
  if (written.has(undefined)) return oneToOne('--drop', drop);
  return oneToOne('--drop', drop, (members) => members.filter(({ name }) => !written.has(name)));
}

export function renameStep(text: string): Step {
  const pairs = text.split(',').map(renaming);
  for (const side of [0, 1] as const)
    refuseTwice(
      'rename',
      pairs.map((pair) => pair[side]),
    );
  const names = new Map(pairs);
  const rename = (record: Json): Json => {
    requireObject(record);
    let whole: JsonObject = record;
    for (const [from, to] of pairs)
      if (from.includes('.') && !Object.hasOwn(record, from))
        whole = renamedWithin(whole, from.split('.'), to) as JsonObject;
    const entries = Object.entries(whole);
    const taken = new Set(entries.flatMap(([name]) => names.get(name) ?? []));
    // What has the new name of another makes room for it.
    return Object.fromEntries(
      entries.flatMap(([name, value]): [string, Json][] => {
        const other = names.get(name);
        if (other !== undefined) return [[other, value]];
        return taken.has(name) ? [] : [[name, value]];
      }),
    );
  };
  return oneToOne(
    '--rename',
    rename,
    renameMembers(pairs.map(([from, to]) => [writtenName(from), writtenName(to)])),
  );
}

/** The last name of a path, of a member of a member. */
function renamedWithin(record: Json, [own = '', ...path]: readonly string[], to: string): Json {
  if (!isObject(record) || !Object.hasOwn(record, own)) return record;
  const entries = Object.entries(record).filter(([name]) => path.length > 0 || name === own || name !== to);
  return Object.fromEntries(
    entries.map(([name, value]): [string, Json] => {
      if (name !== own) return [name, value];
      return path.length === 0 ? [to, value] : [name, renamedWithin(value, path, to)];
    }),
  );
}

function renameMembers(
  pairs: readonly (readonly [from: string | undefined, to: string | undefined])[],
): ChangeMembers | undefined {
  if (!pairs.every((pair): pair is readonly [string, string] => !pair.includes(undefined))) return undefined;
  if (pairs.some(([from]) => from.includes('.'))) return undefined;
  const names = new Map(pairs);
  return (members) => {
    const taken = new Set(members.flatMap(({ name }) => names.get(name) ?? []));
    return members.flatMap((member) => {
      const name = names.get(member.name);
      if (name !== undefined) return { ...member, name };
      return taken.has(member.name) ? [] : member;
    });
  };
}

/** One of them would be lost. */
function refuseTwice(option: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new SluiceError('usage', `--${option} has '${twice}' twice`, 'a record has each name once');
}

function renaming(text: string): [from: string, to: string] {
  const [, to, from] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (to === undefined || from === undefined)
    throw new SluiceError(
      'usage',
      `--rename '${text}' says no new name`,
      'write it like --rename NEW=OLD, or --rename user=u,ms=duration',
    );
  return [from, to];
}

/** A list becomes a record for each of its items; none where it is empty, null or missing. What is no list is one item. */
export function explodeStep(field: string): Step {
  return {
    option: '--explode',
    keeps: false,
    visit(record, give) {
      if (field === '$0') return itemsOf(record).forEach(give);
      requireObject(record);
      let items: Json[] = [];
      changed(record, field, (value) => {
        items = itemsOf(value);
        return value;
      });
      for (const item of items) give(changed(record, field, () => item));
    },
  };
}

function itemsOf(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return value === null ? [] : [value];
}

export const wordsStep: Step = {
  option: '--words',
  keeps: false,
  visit(record, give) {
    if (typeof record !== 'string') throw new TypeError(`it needs text, and this is ${describe(record)}`);
    for (const word of splitWords(record)) give(word);
  },
};

/**
 * A copy in which a field is what `change` makes of it, left out where that is undefined; a record without the field as
 * it is. As in compileField, a name with dots is a member's own, or else a member of a member.
 */
export function changed(record: Json, name: string, change: (value: Json) => Json | undefined): Json {
  if (!isObject(record)) return record;
  const dot = Object.hasOwn(record, name) ? -1 : name.indexOf('.');
  const own = dot === -1 ? name : name.slice(0, dot);
  if (!Object.hasOwn(record, own)) return record;
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]): [string, Json][] => {
      if (key !== own) return [[key, value]];
      const next = dot === -1 ? change(value) : changed(value, name.slice(dot + 1), change);
      return next === undefined ? [] : [[key, next]];
    }),
  );
}

export function isObject(record: Json): record is JsonObject {
  return typeof record === 'object' && record !== null && !Array.isArray(record);
}

function requireObject(record: Json): asserts record is JsonObject {
  if (!isObject(record)) throw new TypeError(`it needs an object, and this is ${describe(record)}`);
}
