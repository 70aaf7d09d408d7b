// The manual as Markdown, from the same tables as parsing and --help. The test that compares it with the pages in
// man/ is also what writes them (npm run man); `sluice help` prints it where there is no terminal to page on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, OptionSpec } from '../command/command.ts';
import { valueKinds } from '../command/values.ts';
import { headerFields, wordsForType } from '../envelope/fields.ts';
import { exitCodes } from '../exit-codes.ts';
import { packagePath } from '../package.ts';

export type ManualPage = { readonly name: string; readonly section: 1 | 5 | 7; readonly markdown: string };

export function manualPages(commands: readonly Command[]): ManualPage[] {
  return [overviewPage(commands), ...commands.map(commandPage), envelopePage(), statePage(), examplesPage()];
}

function page(name: string, section: 1 | 5 | 7, summary: string, sections: readonly string[]): ManualPage {
  return { name, section, markdown: [`# ${name}(${section}) -- ${summary}`, ...sections].join('\n\n') };
}

function overviewPage(commands: readonly Command[]): ManualPage {
  const items = commands.map((command) => {
    const flow = command.kind === 'stage' ? ` (${command.flow})` : '';
    return { kind: command.kind, item: `* **sluice ${command.name}**: ${command.summary}${flow}` };
  });
  const listOf = (kind: Command['kind']): string =>
    items.flatMap((item) => (item.kind === kind ? [item.item] : [])).join('\n');
  return page('sluice', 1, 'micro-batch streaming in a shell pipeline', [
    '## SYNOPSIS',
    '`sluice` *STAGE* [*OPTION*…] [*ARGUMENT*…]',
    '## DESCRIPTION',
    'Each stage is a filter: it reads from standard input and writes to standard output. Between stages flow batches of records as newline-delimited JSON, see **sluice-envelope**(5), so that each point of a pipeline can be looked at with **tee**, **jq** or **head**, kept in a file, and replayed.',
    '## STAGES',
    listOf('stage'),
    '## WHOLE PIPELINES',
    listOf('tool'),
    '`sluice help` *STAGE* opens the page of a stage, `sluice completion` prints a script for the shell’s completion.',
    '## SIGNALS',
    'Ctrl-C reaches all stages of a pipeline. The first SIGINT or SIGTERM makes **ingest** stop reading; the other stages go on until what was read has drained through. The second one ends a stage at once. When a reader goes away (`| head -1`), the stages before it end quietly with 0.',
    '## EXIT STATUS',
    exitStatus(),
    'In a pipeline a shell reports the last stage only; `set -o pipefail` reports a failure in any.',
    '## ENVIRONMENT',
    '* **NO_COLOR**: if set and not empty, no colours\n* **TERM**: with `dumb`, tables are not redrawn in place',
    '## SEE ALSO',
    [
      ...commands.map(({ name }) => `**sluice-${name}**(1)`),
      '**sluice-envelope**(5)',
      '**sluice-state-folder**(5)',
      '**sluice-examples**(7)',
    ].join(', '),
  ]);
}

function commandPage(command: Command): ManualPage {
  const { name, summary, argument, options, description, examples } = command;
  const operand = argument ? ` [*${argument.name}*${argument.takes === 'many' ? '…' : ''}]` : '';
  return page(`sluice-${name}`, 1, summary, [
    '## SYNOPSIS',
    `\`sluice ${name}\` [*OPTION*…]${operand}`,
    '## DESCRIPTION',
    ...description,
    ...(argument ? ['## ARGUMENTS', `* *${argument.name}*: ${argument.describe}`] : []),
    '## OPTIONS',
    [
      ...Object.entries(options).map(([option, spec]) => optionItem(option, spec)),
      '* **-h**, **--help**: show a summary of the options',
    ].join('\n'),
    '## EXAMPLES',
    ...examples.map(({ line, explains }) => `${explains}:\n\n    ${line}`),
    '## EXIT STATUS',
    exitStatus(),
    '## SEE ALSO',
    '**sluice**(1), **sluice-envelope**(5)',
  ]);
}

function optionItem(name: string, option: OptionSpec): string {
  if (option.kind === 'flag') return `* **--${name}**: ${option.describe}`;
  const value = `*${option.placeholder ?? valueKinds[option.kind].placeholder}*`;
  const choices = option.choices
    ? `; one of ${option.choices.map((choice) => `\`${choice}\``).join(', ')}`
    : '';
  const fallback = option.default === undefined ? '' : ` (default: \`${option.default}\`)`;
  return `* **--${name}** ${value}: ${option.describe}${choices}${fallback}`;
}

function exitStatus(): string {
  return Object.values(exitCodes)
    .map(({ code, meaning }) => `* **${code}**: ${meaning}`)
    .join('\n');
}

function envelopePage(): ManualPage {
  const fields = headerFields.map(
    ({ name, type, setBy, meaning }) => `* **${name}** (${wordsForType(type)}; set by ${setBy}): ${meaning}`,
  );
  return page('sluice-envelope', 5, 'the format between the stages of sluice', [
    '## DESCRIPTION',
    'One line, one envelope, one *part* of one batch. It is plain JSON in UTF-8: the header keys first, `records` always the last key, lines end with `\\n`.',
    '    {"v":1,"batch":7,"part":0,"last":true,"n":2,"from":1700000000000,"to":1700000010000,"records":["a b","c"]}\n    {"v":1,"n":0,"end":"ok","records":[]}',
    'Records are JSON values: text for raw lines, objects for parsed rows. **sluice ingest** writes *blocks*, envelopes without `batch`; **sluice batch** cuts them into batches. A block without records is a heartbeat, written while the input is idle, and once a second within a batch that takes longer; every stage hands it on. Times are epoch milliseconds.',
    '## FIELDS',
    [...fields, '* **records** (a list): the records of this part, as many as `n` says'].join('\n'),
    '## READING',
    'A reader may parse the header and pass the records on as bytes: the text `,"records":[` cannot occur inside a JSON string, so its first occurrence ends the header. Other key order, spaces and missing header keys are accepted by a full parse: `{"records":["a b"]}` is a whole batch. A line that is no envelope is an error that names line and field.',
    'The parts of a batch come in order, `part` from 0 and `batch` rising by one; a part missing, or a batch that begins before the last part of the one ahead, is an error.',
    'Fields that a stage does not know are kept by stages that pass envelopes on.',
    '## THE END',
    'A stream whose envelopes carry `v` closes with an `end`. Where it stops without one, upstream died: what came is shown, one line on standard error says so, and the exit status is 74. `"end":"failed"` with a `reason` says that a stage gave up. Hand-made envelopes without `v` may just stop.',
    '## WRITING A STAGE',
    'A stage in another language reads lines, passes on what it does not touch, keeps the order, and ends with the `end` it was given. It should handle a closed standard output quietly, and write `"end":"failed"` before it gives up. And it should write each line at once: many tools, into a pipe, keep some kilobytes back. A filter that drops empty lines of text from every batch, in **jq**:',
    `    jq -c --unbuffered 'if .records then .records |= map(select(. != "")) | .n = (.records | length) else . end'`,
    '## SEE ALSO',
    '**sluice**(1), **jq**(1)',
  ]);
}

function statePage(): ManualPage {
  return page('sluice-state-folder', 5, 'the files in which a job of sluice keeps its state', [
    '## DESCRIPTION',
    'A job that is given `--state` *DIR*, or SLUICE_STATE, keeps what it takes to go on in plain files. **sluice state show** tells what they say. A folder belongs to one job; two need one each.',
    'A file is there whole or not at all: it is written as *NAME*`.part`, brought to the disk and renamed. Its first line tells how it is checked, what follows is JSON: `tail -n +2` *FILE* `| jq` shows it.',
    '    {"sluice":"state","version":1,"bytes":54,"crc32":"1ebb92a0"}\n    {"batch":7,"checkpoints":[7,5],"sinks":[{"batch":7}]}',
    '## FILES',
    [
      '* **job.json**: the `id` of the job, chosen when its state began, and its stages, each with the settings that its state depends on. A job that has changed so that the state does not fit is refused with exit status 78; the number of workers, colours and sinks may change',
      '* **run**: which run has the folder now. Others that begin meanwhile exit with 75; the lock is let go of by the system when its holder dies, so that none stays behind',
      '* **member**: as whom it takes part in a Kafka group, so that a run that died need not be missed first',
      '* **offsets/N**: a line for each batch from *N* on: what it consists of, from each source; the first line tells where sources stood before it. Each line ends with its own `crc32`. A line is on the disk before a sink has anything of its batch',
      '* **state/STAGE/N**: what a stage holds behind checkpoint *N*, the number of a batch',
      '* **commits/N**: the newest `batch` that all sinks have for good, the `checkpoints` that all stages have reached, newest first, and what each sink needs to go on. The newest two are kept; *N* only counts them',
    ].join('\n'),
    '## HOW A RUN BEGINS',
    'It begins behind the newest checkpoint whose files are all whole. The batches that were logged behind it are made of the same records again; those that the sinks have already are passed over there. Where a file is damaged the commit or the checkpoint before it is used, and one line on standard error says so. Where none is left the exit status is 74: nothing is ever begun anew by itself.',
    '## SEE ALSO',
    '**sluice**(1), **sluice-state**(1), **sluice-batch**(1)',
  ]);
}

/** man/examples holds a file for each; they are tests, run as they stand. */
function examplesPage(): ManualPage {
  const folder = packagePath('man/examples');
  const examples = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trimEnd());
  return page('sluice-examples', 7, 'what sluice is used for, with input, line and output', [
    '## DESCRIPTION',
    'Each example runs as it stands where the source is: the inputs are in its `fixtures/`.',
    ...examples,
    '## SEE ALSO',
    '**sluice**(1), **sluice-join**(1), **sluice-window**(1), **sluice-reduce**(1)',
  ]);
}
