// The command line in the hands of yargs: help, completion, and what is wrong with a line that parse.ts found
// not plain. Built from the same tables. Loaded only then, since yargs takes longer to load than Node to start.
import type { Argv, Options } from 'yargs';
import { commandNames, loadAllCommands } from '../commands.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Command, OptionSpec } from './command.ts';
import { importModule, packageVersion } from '../package.ts';
import { settingsFrom, stepOrder, type Invocation, type RawValues } from './parse.ts';
import { closest } from './suggest.ts';
import { valueKinds } from './values.ts';

/** What a line asks for: a command to run, or nothing more, where its answer has been printed. */
export type Wish =
  | { readonly command: Command; readonly invocation: Invocation }
  | { readonly command?: undefined; readonly exitCode: number };

/** Throws SluiceError('usage') for a line that cannot be understood. */
export async function parseWithYargs(argv: string[]): Promise<Wish> {
  const { default: yargs } = await importModule<typeof import('yargs')>('yargs');
  const commands = await loadAllCommands();
  let wish: Wish = { exitCode: exitCodes.ok.code };
  const parser = yargs(argv)
    .scriptName('sluice')
    .usage(
      '$0 STAGE [OPTION…]\n\nMicro-batch streaming in a shell pipeline: each stage is a filter, and between them flow batches of records.',
    )
    .version(packageVersion())
    .help()
    .alias('help', 'h')
    .strict()
    .fail(false)
    .exitProcess(false)
    .wrap(Math.min(110, process.stdout.columns || 80))
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'dot-notation': false,
    })
    .completion('completion', 'print a script that completes sluice in bash or zsh')
    .command('help [topic]', 'open the manual page of a stage, or of sluice itself')
    .epilogue('`sluice STAGE --help` tells about a stage, `sluice help STAGE` opens its manual page.')
    .demandCommand(1);
  for (const command of commands) {
    parser.command(
      [
        command.name,
        command.argument
          ? command.argument.takes === 'many'
            ? `[${command.argument.name}..]`
            : `[${command.argument.name}]`
          : '',
      ]
        .join(' ')
        .trim(),
      command.summary,
      (builder) => describeCommand(builder, command),
      (values) => {
        const operands = command.argument ? [values[command.argument.name] ?? []].flat().map(String) : [];
        const settings = settingsFrom(command, values as RawValues);
        wish = { command, invocation: { settings, operands, order: stepOrder(command, argv) } };
      },
    );
  }
  try {
    await parser.parseAsync();
  } catch (error) {
    throw error instanceof SluiceError ? error : explained(error, argv, commands);
  }
  return wish;
}

function describeCommand(builder: Argv, command: Command): Argv {
  if (command.argument) {
    builder.positional(command.argument.name, {
      describe: command.argument.describe,
      type: 'string',
      array: command.argument.takes === 'many',
    });
  }
  for (const [name, option] of Object.entries(command.options)) builder.option(name, yargsOption(option));
  for (const { line, explains } of command.examples) builder.example(line, explains);
  return builder.epilogue(`Manual page: sluice help ${command.name}`);
}

function yargsOption(option: OptionSpec): Options {
  const shared = { describe: option.describe, ...(option.alias && { alias: option.alias }) };
  if (option.kind === 'flag') return { ...shared, type: 'boolean' };
  return {
    ...shared,
    describe: `${option.describe} [${option.placeholder ?? valueKinds[option.kind].placeholder}]`,
    type: 'string',
    requiresArg: true,
    ...(option.choices && { choices: option.choices }),
    ...(option.default !== undefined && { defaultDescription: option.default }),
  };
}

/** yargs' complaint as our kind of error, with the closest name as the hint. */
function explained(error: unknown, argv: string[], commands: readonly Command[]): SluiceError {
  const [name = ''] = argv;
  const command = commands.find((candidate) => candidate.name === name);
  if (!command && name !== '' && !name.startsWith('-')) {
    const guess = closest(name, [...commandNames, 'help', 'completion']);
    return new SluiceError(
      'usage',
      `there is no stage '${name}'`,
      guess ? `did you mean '${guess}'?` : `there are: ${commandNames.join(', ')}`,
    );
  }
  if (!command)
    return new SluiceError(
      'usage',
      name === '' ? 'which stage?' : `unknown option ${name}`,
      `there are: ${commandNames.join(', ')}; see sluice --help`,
    );
  const stranger = argv
    .slice(1)
    .find((word) => /^--./.test(word) && !Object.hasOwn(command.options, word.slice(2).split('=')[0] ?? ''));
  const guess = stranger && closest(stranger.slice(2).split('=')[0] ?? '', Object.keys(command.options));
  const seeHelp = `see sluice ${command.name} --help`;
  if (stranger)
    return new SluiceError(
      'usage',
      `unknown option ${stranger}`,
      guess ? `did you mean --${guess}?` : seeHelp,
    );
  const [, lacking = ''] = /^Not enough arguments following: (\S+)$/.exec(messageOf(error)) ?? [];
  if (Object.hasOwn(command.options, lacking)) return withoutValue(lacking, command, argv);
  return new SluiceError('usage', messageOf(error).replaceAll('\n', ' '), seeHelp);
}

/** Its value is missing, or begins as an option does. */
function withoutValue(name: string, { options }: Command, argv: readonly string[]): SluiceError {
  const { kind, placeholder, choices } = options[name] as Exclude<OptionSpec, { kind: 'flag' }>;
  const next = argv[argv.indexOf(`--${name}`) + 1];
  const value = choices?.join('|') ?? placeholder ?? valueKinds[kind].placeholder;
  return new SluiceError(
    'usage',
    `--${name} has no value`,
    next?.startsWith('-')
      ? `one that begins with a dash is written with =: --${name}=${next}; it takes ${value}`
      : `write --${name} ${value}`,
  );
}
