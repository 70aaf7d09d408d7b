// argv → settings, the fast way: a plain and right command line goes through Node's own parser, which costs no
// extra module (yargs takes longer to load than Node to start, and a pipeline pays it once a stage). Whatever is
// not plain and right (--help, a typo, a missing value) makes this return undefined, and yargs explains it
// from the same tables (explain.ts). Parsing only validates: no file, socket, clock or thread is touched.
import { parseArgs } from 'node:util';
import { SluiceError } from '../errors.ts';
import {
  camelCase,
  type Command,
  type OptionSpec,
  type OptionTable,
  type Settings,
  type StepOrder,
} from './command.ts';
import { valueKinds } from './values.ts';

/** Settings by the command's own option table; only the command knows their types. */
export type Invocation = {
  readonly settings: Settings<OptionTable>;
  readonly operands: string[];
  readonly order: StepOrder;
};

/** Undefined where the line is not plain; throws SluiceError('usage') where a value is not of its kind. */
export function parsePlain(command: Command, argv: string[]): Invocation | undefined {
  refuseFlagValues(command, argv);
  const parsed = tryParse(command, argv);
  if (!parsed || parsed.values['help'] || parsed.values['version']) return undefined;
  if (!operandsFit(command, parsed.positionals)) return undefined;
  const settings = settingsFrom(command, parsed.values);
  return { settings, operands: parsed.positionals, order: stepOrder(command, argv) };
}

/** The order of the steps in a line that was parsed well, by whichever parser. */
export function stepOrder({ options }: Command, argv: readonly string[]): StepOrder {
  const order: string[] = [];
  for (let at = 0; at < argv.length && argv[at] !== '--'; at += 1) {
    const [, name = '', value] = /^--([^=]+)(=.*)?$/s.exec(argv[at] ?? '') ?? [];
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option?.isStep) order.push(name);
    // A value may look like an option.
    if (option && option.kind !== 'flag' && value === undefined) at += 1;
  }
  return order;
}

export type RawValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** Raw option texts (by their long names) → typed settings with defaults filled in. */
export function settingsFrom(command: Command, values: RawValues): Settings<OptionTable> {
  const settings: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(command.options)) {
    settings[camelCase(name)] = settingOf(name, option, values[name]);
  }
  return settings as Settings<OptionTable>;
}

function settingOf(name: string, option: OptionSpec, value: RawValues[string]): unknown {
  if (option.kind === 'flag') return value === true;
  const parse = (text: string | boolean): unknown => parseValue(name, option, String(text));
  if (option.many) return value === undefined ? [] : [value].flat().map(parse);
  if (Array.isArray(value)) throw new SluiceError('usage', `--${name} is given more than once`);
  const text = value ?? option.default;
  return text === undefined ? undefined : parse(text);
}

function parseValue(
  name: string,
  option: OptionSpec & { kind: keyof typeof valueKinds },
  text: string,
): unknown {
  if (option.choices && !option.choices.some((choice) => isChosen(text, choice))) {
    throw new SluiceError(
      'usage',
      `--${name} cannot be '${text}'`,
      `it is one of: ${option.choices.join(', ')}`,
    );
  }
  try {
    return valueKinds[option.kind].parse(text);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    throw new SluiceError('usage', `--${name}: ${error.message}`, error.hint);
  }
}

/** `nginx:` stands for whatever begins with it. */
function isChosen(text: string, choice: string): boolean {
  return choice.endsWith(':') ? text.startsWith(choice.slice(0, -1)) : text === choice;
}

function tryParse(
  command: Command,
  argv: string[],
): { values: RawValues; positionals: string[] } | undefined {
  const options: NonNullable<Parameters<typeof parseArgs>[0]>['options'] = { version: { type: 'boolean' } };
  options['help'] = { type: 'boolean', short: 'h' };
  for (const [name, option] of Object.entries(command.options)) {
    options[name] = {
      type: option.kind === 'flag' ? 'boolean' : 'string',
      // Collected always, so that a second --top can be refused instead of winning silently.
      multiple: option.kind !== 'flag',
      ...(option.alias && { short: option.alias }),
    };
  }
  try {
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true, strict: true });
    for (const [name, option] of Object.entries(command.options)) {
      const value = values[name];
      if (option.kind !== 'flag' && !option.many && Array.isArray(value) && value.length === 1)
        values[name] = value[0];
    }
    return { values, positionals };
  } catch {
    return undefined;
  }
}

/** `--once=yes`: yargs would take it for off, without a word. Throws SluiceError('usage'). */
function refuseFlagValues(command: Command, argv: string[]): void {
  for (const word of argv) {
    if (word === '--') return;
    const [, name = ''] = /^--([^=]+)=/.exec(word) ?? [];
    if (Object.hasOwn(command.options, name) && command.options[name]?.kind === 'flag')
      throw new SluiceError('usage', `--${name} takes no value`, `write --${name}, or leave it out`);
  }
}

function operandsFit(command: Command, operands: string[]): boolean {
  if (!command.argument) return operands.length === 0;
  return command.argument.takes === 'many' || operands.length <= 1;
}
