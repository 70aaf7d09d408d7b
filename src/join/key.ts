// What makes two records partners, or one the copy of another: the values of some fields, equal in type and value.
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import { compileField, type Field } from '../record/field.ts';
import { identityOfKey } from '../record/identity.ts';

export type KeyField = { readonly name: string; readonly field: Field };

/** `--on a,b --on c` → three fields. Throws SluiceError('usage'). */
export function keyFields(option: string, texts: readonly string[]): KeyField[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((name) => {
      if (name === '')
        throw new SluiceError(
          'usage',
          `--${option} names no field`,
          `write it like --${option} id, or --${option} shop,id`,
        );
      return { name, field: compileField(name) };
    });
}

type KeyOptions = { readonly on: readonly string[]; readonly withOn: readonly string[] };

/**
 * The fields of the stream, and those of what it is joined with: `--on user`, `--on user=id`, or `--on user --with-on id`.
 * Throws SluiceError('usage').
 */
export function joinKeys({ on, withOn }: KeyOptions, hint: string): [KeyField[], KeyField[]] {
  if (on.length === 0) throw new SluiceError('usage', 'what makes two records partners?', hint);
  const pairs = on.flatMap((text) => text.split(',')).map((text) => /^([^=]*)=(.*)$/.exec(text));
  const given = on.flatMap((text) => text.split(','));
  const keys = keyFields(
    'on',
    given.map((text, index) => pairs[index]?.[1] ?? text),
  );
  if (withOn.length === 0)
    return [
      keys,
      keyFields(
        'on',
        given.map((text, index) => pairs[index]?.[2] ?? text),
      ),
    ];
  if (pairs.some(Boolean))
    throw new SluiceError(
      'usage',
      '--on and --with-on both say what a key is called on the other side',
      'write --on user=id, or --on user --with-on id',
    );
  const others = keyFields('with-on', withOn);
  if (others.length === keys.length) return [keys, others];
  const message = `--with-on names fewer or more fields than --on: ${others.length} for ${keys.length}`;
  throw new SluiceError('usage', message, 'each field of the one has its fellow in the other');
}

/** The values of the fields in `record`; null for one that is missing. */
export function keyOf(fields: readonly KeyField[], record: Json): Json[] {
  return fields.map(({ field }) => field(record) ?? null);
}

/** The values as one, undefined where one is missing: as in SQL, what is not known equals nothing. */
export function identityOf(keys: readonly Json[]): Json | undefined {
  return keys.includes(null) ? undefined : identityOfKey(keys);
}

/** V8's Map and Set hold no more. */
const capacity = 2 ** 24;

/** Throws SluiceError('usage') for an option that allows more keys than can be held. */
export function checkCapacity(option: string, count: number): void {
  if (count <= capacity) return;
  throw new SluiceError('usage', `--${option} cannot be '${count}'`, `it is ${capacity} at most`);
}
