import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { defaultPartSize } from '../envelope/parts.ts';
import { executorOptions } from '../executor/options.ts';
import { rejectOptions } from '../stage/rejects.ts';

const mapOptions = {
  filter: {
    kind: 'text',
    many: true,
    isStep: true,
    placeholder: 'CONDITION|FUNCTION',
    describe: "keep records that fit, as in 'status>=500' or 'r => r.tags.length > 2'",
  },
  map: {
    kind: 'text',
    many: true,
    isStep: true,
    placeholder: 'FUNCTION',
    describe: 'make another record of each',
  },
  'flat-map': {
    kind: 'text',
    many: true,
    isStep: true,
    placeholder: 'FUNCTION',
    describe: 'make any number of records of each: those in the list that is returned',
  },
  module: {
    kind: 'path',
    describe: 'a JavaScript module whose exports can be named in place of functions',
  },
  parse: {
    kind: 'text',
    isStep: true,
    placeholder: 'FORMAT',
    describe: 'read text as `ingest --format` does: json, logfmt, combined, nginx:…, regex:… and the others',
  },
  from: {
    kind: 'field',
    describe: 'with --parse: the field that has the text (default: the record is the text)',
  },
  fields: {
    kind: 'text',
    placeholder: 'NAME,NAME',
    describe: 'with --parse: read no other fields than these',
  },
  types: {
    kind: 'text',
    placeholder: 'NAME=TYPE,…',
    describe: 'with --parse: what fields are, number or text: status=text,ms=number',
  },
  header: { kind: 'text', placeholder: 'NAME,NAME', describe: 'with --parse csv or tsv: the columns' },
  words: { kind: 'flag', isStep: true, describe: 'split lines of text into words' },
  select: {
    kind: 'field',
    many: true,
    isStep: true,
    placeholder: 'FIELD,…',
    describe: 'make objects of these fields only; NAME=FIELD gives one another name',
  },
  drop: {
    kind: 'field',
    many: true,
    isStep: true,
    placeholder: 'FIELD,…',
    describe: 'leave out these members',
  },
  rename: {
    kind: 'field',
    many: true,
    isStep: true,
    placeholder: 'NEW=OLD,…',
    describe: 'give members another name',
  },
  explode: {
    kind: 'field',
    many: true,
    isStep: true,
    describe: 'make a record of each item of the list in this field',
  },
  sample: {
    kind: 'fraction',
    many: true,
    isStep: true,
    describe: 'keep this part of the records, chosen at random, as in 0.01 or 1%',
  },
  seed: { kind: 'limit', default: '1', describe: 'another seed makes --sample choose other records' },
  limit: {
    kind: 'count',
    many: true,
    isStep: true,
    describe: 'keep the first so many records of the stream',
  },
  workers: {
    ...executorOptions.workers,
    describe:
      'worker threads for functions; 0 does all work in one (default: half as many as processors, and 0 where there are fewer than 4)',
  },
  'task-timeout': {
    ...executorOptions['task-timeout'],
    describe: 'a function that takes longer for one record is stopped, see --on-error (default: 1m)',
  },
  'part-size': {
    kind: 'size',
    default: `${defaultPartSize / 1024 ** 2}MiB`,
    describe: 'records that have become more leave in parts of about this many bytes',
  },
  ...rejectOptions,
} as const satisfies OptionTable;

export type MapSettings = Settings<typeof mapOptions>;

export const mapCommand = defineStage({
  name: 'map',
  summary: 'filter records, and make others of them',
  role: 'filter',
  flow: 'records → records',
  options: mapOptions,
  description: [
    'Takes each record through one step or several, in the order they are given; the same step may come several times. It reads batches, and stands anywhere between **sluice batch** and **sluice emit**: in front of a window, between window and reduce, or behind a reduce, whose rows are records too. Records stay in their batch, window and order.',
    'A condition, such as `status>=500`, `path~^/api/ && user!=null` or `$9=404`, is a field, an operator and a value, as described for `if` in **sluice-reduce**(1). It is looked up in the bytes of a record, which takes half the time of a function. Records that pass a filter keep their bytes.',
    'A function is JavaScript: `r => r.status >= 500`, or with **--module** *FILE* the name of one that FILE exports (TypeScript where Node runs it). It is given the record: text for a line, and integers beyond 2^53 as bigints. **--filter**, **--map** and **--flat-map** do what the methods of a list do: a filter keeps where the answer is truthy; map makes exactly one record of each, so that to return nothing (undefined) is an error; flat-map takes a list for its items, `[]` for none, and anything else for one record. Members that are undefined are left out; NaN, Dates, Maps and other things that JSON cannot hold are an error of the record. What a function changes in the record that it is given is seen by the steps behind it or not; it should change nothing. `console.log` writes to standard error.',
    'A function that throws, or takes longer than **--task-timeout** for one record, makes its record one that cannot be used, see **--on-error**; so does a regular expression in a condition, or of **--parse**, that takes longer than 250 ms for one record, or than **--task-timeout** where that is shorter. One that may take its time is written as a function, such as `r => /a.*b.*c/.test(r.text)`. Functions run over pieces of the stream; where one takes more than a second, the function is called once more for the record that it stands at, which has **--task-timeout** for itself. What a module does while it is loaded is not stopped. With **--workers** the functions run in worker threads, part by part, each of which loads the module for itself; records leave in their order all the same. With **--limit** and **--sample** among the steps they do not. A function should depend on the record alone, and not on how often it is called: in a job that keeps state, records after a kill go through it once more, too.',
    '**--select** makes an object of the fields that are there, in the order given, also of the columns of a line: `--select ip=$1,status=$9`. **--drop** leaves out members, **--rename** gives them other names, in their place; a name with dots is a member of a member, as in `--rename ms=request.duration`, which leaves it in `request`. **--explode** makes a copy of the record for each item of a list, with the item in place of the list: none for an empty list, null or a missing field, and one for a value that is no list. `$0` is the record itself. As long as all steps are conditions and then **--select**, **--drop** or **--rename** of an object’s own members, values are copied as they are written, so that a number keeps all its digits; every other step that changes records writes them anew: `1.50` becomes `1.5`, and of fractions about 17 digits stay. **--words** is for lines of text, and makes a record of each word.',
    '**--parse** is for lines that come in something else: messages of a topic with **--with-meta**, the text of a log that was wrapped in JSON, the message of syslog. The members that are found take the place of the field that had the text, behind all others; one of the same name is replaced. Text that does not fit is a record that cannot be used. The formats, **--fields**, **--types** and **--header** are those of **sluice-ingest**(1).',
    '**--limit** and **--sample** go by the stream as a whole, over batches and windows. Behind the limit come empty batches, so that windows go on. A sample is of the same records for the same **--seed**, however the stream is cut. A job that keeps state goes on with both where it was; the steps are part of the job then, and others do not fit its state. Steps without the two may be changed between runs.',
    'Rows that filters, samples and limits let pass are still rows of their reduce, and a later **sluice reduce** can merge them. Rows that are changed in any way are not: say what to compute of them.',
  ],
  examples: [
    { line: "… | sluice map --filter 'status>=500' | …", explains: 'records of a kind' },
    {
      line: "… | sluice map --filter 'r => r.path.startsWith(r.home)' --select user,path | …",
      explains: 'the same with a function, and some of their fields',
    },
    {
      line: "… | sluice map --explode items --map '({ items: { sku, n } }) => ({ sku, n })' | …",
      explains: 'a record for each item of an order',
    },
    { line: '… | sluice map --module ./shop.mjs --flat-map lines | …', explains: 'a function of a module' },
    {
      line: '… | sluice map --parse logfmt --from message | …',
      explains: 'fields out of a text that is one field of a record',
    },
  ],
  make: async (settings, _operands, order) => (await import('./stage.ts')).mapStage(settings, order),
});
