// Functions that users wrote: on the command line, as in `r => r.status >= 500`, or in a module, by the name of an export.
import { Script } from 'node:vm';
import { closest } from '../command/suggest.ts';
import { formatDuration } from '../command/values.ts';
import type { Json } from '../envelope/json.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { loadModule, refuseExit } from '../user-code/module.ts';
import { runWithin } from '../user-code/time-limit.ts';

export type UserFunction = (record: Json) => unknown;

/** Where functions come from, beside the command line. */
export type Functions = {
  readonly path: string | undefined;
  readonly exports: Readonly<Record<string, unknown>>;
  /** Milliseconds in which a text has to become a function. */
  readonly taskTimeout: number;
};

const arrow = /^\s*(?:async\s*)?(?:\(.*?\)|[\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/su;
const functionWord = /^\s*(?:async\s+)?function\b/;
const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Whether a text is JavaScript, and not a condition such as `status>=500`. */
export function isFunctionText(text: string): boolean {
  return arrow.test(text) || functionWord.test(text);
}

export function isFunctionName(text: string): boolean {
  return name.test(text);
}

/** The exports of the module at `path`. Throws SluiceError. */
export async function loadFunctions(path: string | undefined, taskTimeout: number): Promise<Functions> {
  const usage = '--module takes a JavaScript module that exports functions: export const isError = (r) => …';
  return { path, exports: path === undefined ? {} : await loadModule(path, usage), taskTimeout };
}

/** Throws SluiceError('usage') that speaks of `option`. */
export function compileFunction(option: string, text: string, functions: Functions): UserFunction {
  const found = isFunctionName(text) ? exported(option, text, functions) : evaluated(option, text, functions);
  const kind = (found as object).constructor.name;
  if (kind !== 'Function')
    throw new SluiceError(
      'usage',
      `${option} '${text}' is of kind ${kind}: it would not return a record, but a promise of it or a generator`,
      'write a plain function, without async and *',
    );
  return found as UserFunction;
}

function exported(option: string, text: string, { path, exports }: Functions): unknown {
  if (path === undefined)
    throw new SluiceError(
      'usage',
      `${option} '${text}' is a name, and there is no module that exports it`,
      `name it with --module ./functions.mjs, or write a function: ${option} 'r => …'`,
    );
  const found = Object.hasOwn(exports, text) ? exports[text] : undefined;
  if (typeof found === 'function') return found;
  const names = Object.keys(exports).filter((known) => typeof exports[known] === 'function');
  const guess = closest(text, names);
  throw new SluiceError(
    'usage',
    `${path} exports no function ${text}, which ${option} names`,
    guess ? `did you mean ${guess}?` : `it exports: ${names.join(', ') || 'no function'}`,
  );
}

function evaluated(option: string, text: string, { taskTimeout }: Functions): unknown {
  const example = `write it like ${option} 'r => r.status >= 500'`;
  refuseExit();
  let value: unknown;
  let outcome: ReturnType<typeof runWithin>;
  try {
    const script = new Script(`(${text}\n)`, { filename: option });
    outcome = runWithin(taskTimeout, () => {
      value = script.runInThisContext({ displayErrors: false });
    });
  } catch (error) {
    throw new SluiceError('usage', `${option} '${text}' is no function: ${messageOf(error)}`, example, error);
  }
  if (outcome !== 'ended')
    throw new SluiceError(
      'usage',
      `${option} '${text}' took longer than ${formatDuration(taskTimeout)} to become a function`,
      example,
    );
  if (typeof value === 'function') return value;
  throw new SluiceError('usage', `${option} '${text}' is no function, but of type ${typeof value}`, example);
}
