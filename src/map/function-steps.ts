// Steps whose work is a user's function. They follow Array.prototype: filter keeps where the answer is truthy, map makes one
// record of each, flatMap takes a list for several and anything else for one.
import { formatDuration } from '../command/values.ts';
import { SluiceError } from '../errors.ts';
import { conditionStep } from './condition-step.ts';
import { compileFunction, isFunctionName, isFunctionText, type Functions } from './functions.ts';
import type { Step } from './step.ts';
import { recordFrom } from './write.ts';

/** A plain condition, or a function. */
export function filterStep(text: string, functions: Functions): Step {
  const option = '--filter';
  refuseConstant(text);
  if (!isFunctionText(text) && !isFunctionName(text))
    return conditionStep(option, text, functions.taskTimeout);
  const test = compileFunction(option, text, functions);
  return {
    option,
    keeps: true,
    ...userCode(functions),
    visit(record, give) {
      const answer = test(record);
      // It would always be true.
      if (answer instanceof Promise) throw new TypeError('it returned a promise');
      if (answer) give(record);
    },
  };
}

function userCode({ taskTimeout }: Functions): Pick<Step, 'isUserCode' | 'limit'> {
  const reason = `it took longer than ${formatDuration(taskTimeout)} (--task-timeout)`;
  return { isUserCode: true, limit: { milliseconds: taskTimeout, reason } };
}

/** `status=>500` would let all pass, as a function that returns 500. */
function refuseConstant(text: string): void {
  const [, field, value] = /^\s*([\w$]+)\s*=>\s*(-?[\d.]+|"[^"]*"|'[^']*')\s*$/.exec(text) ?? [];
  if (field === undefined) return;
  throw new SluiceError(
    'usage',
    `--filter '${text}' is a function that returns ${value} for every record`,
    `did you mean ${field}>=${value}?`,
  );
}

export function mapStep(text: string, functions: Functions): Step {
  const change = compileFunction('--map', text, functions);
  return {
    option: '--map',
    keeps: false,
    ...userCode(functions),
    visit(record, give) {
      const value = change(record);
      if (value === undefined)
        throw new TypeError(
          'it returned nothing; null is a record, and --filter or --flat-map leave one out',
        );
      give(recordFrom(value));
    },
  };
}

export function flatMapStep(text: string, functions: Functions): Step {
  const change = compileFunction('--flat-map', text, functions);
  return {
    option: '--flat-map',
    keeps: false,
    ...userCode(functions),
    visit(record, give) {
      const value = change(record);
      if (value === undefined) throw new TypeError('it returned nothing; [] makes no record');
      for (const item of Array.isArray(value) ? value : [value]) give(recordFrom(item));
    },
  };
}
