// Fields that get a name: `--by path,status`, `--select user=$3`.
import { SluiceError } from '../errors.ts';
import { compileField, type Field } from './field.ts';

export type NamedField = { readonly name: string; readonly field: Field; readonly fieldName: string };

/** `a,b` and `NAME=FIELD` → one each. Throws SluiceError('usage') that speaks of `option`. */
export function namedFields(option: string, texts: readonly string[]): NamedField[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const [, name, fieldName = ''] = /^(?:([^=]+)=)?(.*)$/.exec(text) ?? [];
      if (fieldName === '')
        throw new SluiceError(
          'usage',
          `--${option} '${text}' names no field`,
          `write it like --${option} status, --${option} path,status or --${option} user=$3`,
        );
      return { name: name ?? fieldName, field: compileField(fieldName), fieldName };
    });
}
