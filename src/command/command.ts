// A command as data: its arguments, options and prose, written once in the stage's own command.ts. Parsing,
// --help, the man page, the README's table and the shell completion are all read off it.
import type { Stage } from '../stage/stage.ts';
import type { ValueKind, valueKinds } from './values.ts';

type OptionBase = {
  /** One sentence, lower case, no full stop: the help's and the man page's text. */
  readonly describe: string;
  readonly alias?: string;
  /** Where it stands among others of this kind says something: `make` is told their order. */
  readonly isStep?: boolean;
};

type FlagOption = OptionBase & { readonly kind: 'flag' };

type ValueOption = OptionBase & {
  readonly kind: ValueKind;
  /** What the help shows for the value where the kind's own word would say too little. */
  readonly placeholder?: string;
  /** Default as a user would type it. */
  readonly default?: string;
  /** One that ends with a colon has more behind it, which is the command's to check. */
  readonly choices?: readonly string[];
  /** May be given several times; the setting is then a list, in the order given. */
  readonly many?: boolean;
};

export type OptionSpec = FlagOption | ValueOption;
export type OptionTable = Readonly<Record<string, OptionSpec>>;

type ArgumentSpec = {
  readonly name: string;
  readonly describe: string;
  /** `optional` takes none or one, `many` takes any number. */
  readonly takes: 'optional' | 'many';
};

type Example = { readonly line: string; readonly explains: string };

/** The settings that a table of options yields: camelCase names, parsed values. */
export type Settings<Table extends OptionTable> = {
  [Name in keyof Table as CamelCase<Name & string>]: SettingOf<Table[Name]>;
};

type SettingOf<Spec> = Spec extends { kind: 'flag' }
  ? boolean
  : Spec extends { kind: infer Kind extends ValueKind }
    ? Spec extends { many: true }
      ? ParsedValue<Kind>[]
      : Spec extends { default: string }
        ? ChoiceOr<Spec, ParsedValue<Kind>>
        : ChoiceOr<Spec, ParsedValue<Kind>> | undefined
    : never;

type ParsedValue<Kind extends ValueKind> = ReturnType<(typeof valueKinds)[Kind]['parse']>;
type ChoiceOr<Spec, Value> = Spec extends { choices: readonly (infer Choice)[] } ? Choice : Value;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The names of the options that are steps, as they were given: a name for each time. */
export type StepOrder = readonly string[];

type CommandBase<Table extends OptionTable> = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly argument?: ArgumentSpec;
  readonly options: Table;
  /** The man page's DESCRIPTION, in Markdown paragraphs. */
  readonly description: readonly string[];
  readonly examples: readonly Example[];
};

/** One stage of a pipeline. */
export type StageCommand<Table extends OptionTable = OptionTable> = CommandBase<Table> & {
  readonly kind: 'stage';
  /** Its place in a pipeline: first, in between, or last. */
  readonly role: 'source' | 'filter' | 'sink';
  /** What flows in and out, for the list of stages: `blocks → batches`. */
  readonly flow: string;
  /** Checks everything that can be checked before the first byte; heavy modules are imported here. */
  readonly make: (settings: Settings<Table>, operands: string[], order: StepOrder) => Promise<Stage>;
};

/** A command about pipelines, such as `run`. */
export type ToolCommand<Table extends OptionTable = OptionTable> = CommandBase<Table> & {
  readonly kind: 'tool';
  /** Resolves to the exit code. */
  readonly run: (settings: Settings<Table>, operands: string[]) => Promise<number>;
};

export type Command = StageCommand | ToolCommand;

/** Keeps a command's own option types while it is checked against the general shape. */
export function defineStage<const Table extends OptionTable>(
  stage: Omit<StageCommand<Table>, 'kind'>,
): StageCommand<Table> {
  return { kind: 'stage', ...stage };
}

export function defineTool<const Table extends OptionTable>(
  tool: Omit<ToolCommand<Table>, 'kind'>,
): ToolCommand<Table> {
  return { kind: 'tool', ...tool };
}

export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
