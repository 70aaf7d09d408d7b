// The steps of a stage, made of what the user typed.
import { Console } from 'node:console';
import type { StepOrder } from '../command/command.ts';
import { SluiceError } from '../errors.ts';
import type { MapSettings } from './command.ts';
import { limitStep, sampleStep } from './counting-steps.ts';
import { filterStep, flatMapStep, mapStep } from './function-steps.ts';
import { loadFunctions } from './functions.ts';
import { dropStep, explodeStep, renameStep, selectStep, wordsStep } from './member-steps.ts';
import { parseStep } from './parse-step.ts';
import type { Step } from './step.ts';

/** The steps in the order they were given. */
export async function stepsFrom(
  settings: MapSettings,
  order: StepOrder,
  taskTimeout: number,
): Promise<Step[]> {
  if (order.length === 0)
    throw new SluiceError(
      'usage',
      'what is to be done with the records?',
      "say it with --filter, --map, --select or another step: sluice map --filter 'status>=500'",
    );
  refuseWithoutParse(settings);
  const functions = await loadFunctions(settings.module, taskTimeout);
  const makers = {
    filter: (text: string) => filterStep(text, functions),
    map: (text: string) => mapStep(text, functions),
    'flat-map': (text: string) => flatMapStep(text, functions),
    select: selectStep,
    drop: dropStep,
    rename: renameStep,
    explode: explodeStep,
    parse: (format: string) => parseStep({ ...settings, format }, settings.from, taskTimeout),
    words: () => wordsStep,
    sample: (fraction: number, index: number) => sampleStep(fraction, settings.seed, index),
    limit: limitStep,
  };
  const steps = inOrder(settings, order).map(({ option, value }, index) => {
    const make = makers[option] as (value: unknown, index: number) => Step;
    return make(value, index);
  });
  // Standard output has envelopes: what functions say goes to people.
  if (steps.some(({ isUserCode }) => isUserCode)) globalThis.console = new Console(process.stderr);
  return steps;
}

/** Each of them would change nothing. */
function refuseWithoutParse({ parse, from, fields, types, header }: MapSettings): void {
  const given = Object.entries({ from, fields, types, header }).find(([, value]) => value !== undefined);
  if (parse !== undefined || !given) return;
  throw new SluiceError(
    'usage',
    `--${given[0]} says how to parse, and nothing is parsed`,
    'add --parse FORMAT',
  );
}

type StepName =
  | 'filter'
  | 'map'
  | 'flat-map'
  | 'select'
  | 'drop'
  | 'rename'
  | 'explode'
  | 'parse'
  | 'words'
  | 'sample'
  | 'limit';

/** Each step with its value: those of one option stand in the order given among themselves. */
export function inOrder(settings: MapSettings, order: StepOrder): { option: StepName; value: unknown }[] {
  const { filter, map, flatMap, select, drop, rename, explode, sample, limit } = settings;
  const values = { filter, map, 'flat-map': flatMap, select, drop, rename, explode, sample, limit };
  const taken = new Map<string, number>();
  return order.map((option) => {
    const at = taken.get(option) ?? 0;
    taken.set(option, at + 1);
    const name = option as StepName;
    if (name === 'words') return { option: name, value: true };
    return { option: name, value: name === 'parse' ? settings.parse : values[name][at] };
  });
}
