// `common` and `combined`: the log formats that web servers agree on, by the names that Apache's manual gives their fields.
import { FieldFormat } from './field-format.ts';
import type { FormatKind } from './format.ts';
import { RecordWriter } from './record-writer.ts';
import { namesOf, TemplateScanner, type Template } from './template.ts';

const upToBytes: Template = [
  { name: 'host' },
  ' ',
  { name: 'ident' },
  ' ',
  { name: 'user' },
  ' [',
  { name: 'time' },
  '] "',
  { name: 'request', isRequest: true, reading: 'text' },
  '" ',
  { name: 'status', isStatus: true },
  ' ',
];
const common: Template = [...upToBytes, { name: 'bytes', isWord: true }];
const combined: Template = [
  ...upToBytes,
  { name: 'bytes' },
  ' "',
  { name: 'referer', reading: 'text' },
  '" "',
  { name: 'user_agent', reading: 'text' },
  '"',
];

export const commonFormat = kindOf(
  'common',
  'the Common Log Format of web servers: host, ident, user, time, request, status, bytes; and method, path, protocol',
  common,
);

export const combinedFormat = kindOf(
  'combined',
  'the Combined Log Format, the default of nginx: as common, with referer and user_agent',
  combined,
);

function kindOf(name: string, summary: string, template: Template): FormatKind {
  return {
    name,
    summary,
    hasFields: true,
    create(rejects, settings) {
      const writer = new RecordWriter(settings);
      writer.check(name, namesOf(template));
      return new FieldFormat(new TemplateScanner(template, writer, { hasEscapes: true }), writer, rejects);
    },
  };
}
