// `nginx:LOG_FORMAT`: what stands behind log_format in nginx.conf, or the whole directive, compiled to a scanner. Fields have the
// names of nginx's variables.
import { SluiceError } from '../../errors.ts';
import { FieldFormat } from './field-format.ts';
import type { FormatKind } from './format.ts';
import { RecordWriter } from './record-writer.ts';
import {
  namesOf,
  TemplateScanner,
  withBoundEnd,
  type Template,
  type TemplateField,
  type TemplateSettings,
} from './template.ts';

/** Numbers by definition, times with three decimals among them. */
const decimals = new Set(
  'body_bytes_sent bytes_sent bytes_received connection connection_requests connection_time content_length gzip_ratio msec pid proxy_port remote_port request_length request_time server_port session_time status tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd upstream_bytes_received upstream_bytes_sent upstream_connect_time upstream_first_byte_time upstream_header_time upstream_queue_time upstream_response_length upstream_response_time upstream_session_time upstream_status'.split(
    ' ',
  ),
);
/** Never numbers, even where they look like one. */
const texts = new Set([
  'request',
  'remote_user',
  'http_referer',
  'http_user_agent',
  'request_uri',
  'uri',
  'args',
]);
/** Values with a comma and a space between them, besides those of upstreams. */
const lists = new Set(['http_x_forwarded_for', 'proxy_add_x_forwarded_for']);
/** What begins with a slash. */
const paths = new Set(['request_uri', 'uri', 'document_uri']);

function fieldOf(name: string): TemplateField {
  return {
    name,
    reading: decimals.has(name) ? 'decimal' : texts.has(name) ? 'text' : 'guess',
    isList: name.startsWith('upstream_') || lists.has(name),
    isStatus: name === 'status',
    isRequest: name === 'request',
    // 10/Oct/2000:13:55:36 -0700
    ...(name === 'time_local' && { spaces: 1 }),
    ...(paths.has(name) && { begins: '/' }),
  };
}

/** Throws SluiceError('usage'). */
function parseLogFormat(text: string): { template: Template; settings: TemplateSettings } {
  const { format, escape } = directive(text.trim());
  const template: (string | TemplateField)[] = [];
  let at = 0;
  for (const { 0: variable, 1: braced, 2: bare, index } of format.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
    if (index > at) template.push(format.slice(at, index));
    const field = fieldOf(braced ?? bare ?? '');
    const before = template.at(-1);
    if (typeof before === 'object' && field.begins === undefined) throw adjacent(before.name, field.name);
    template.push(field);
    at = index + variable.length;
  }
  if (at < format.length) template.push(format.slice(at));
  if (!template.some((piece) => typeof piece === 'object'))
    throw new SluiceError(
      'usage',
      `--format nginx: there is no variable in '${format}'`,
      `write what stands behind log_format in nginx.conf: --format 'nginx:$remote_addr [$time_local] "$request" $status'`,
    );
  // With an escape of its own nginx writes nothing where it would write a dash.
  return {
    template: withBoundEnd(template),
    settings: { hasEscapes: escape !== 'none', isMissingEmpty: escape !== 'default' },
  };
}

/** `log_format NAME escape=json '…' '…';`, whatever follows in the configuration, or what is in the quotes. */
function directive(text: string): { format: string; escape: string } {
  const isDirective = /^log_format\s/.test(text);
  if (!isDirective && !/^'.*'\s*;?$/s.test(text)) return { format: text, escape: 'default' };
  const pieces: string[] = [];
  for (const [piece, quoted] of text.matchAll(argumentsOrEnd)) {
    if (piece === ';') break;
    if (!piece.startsWith('#')) pieces.push(quoted ? unquoted(piece) : piece);
  }
  if (!isDirective) return { format: pieces.join(''), escape: 'default' };
  const [, , first, ...rest] = pieces;
  const escape = /^escape=(\w+)$/.exec(first ?? '')?.[1];
  return { format: [escape === undefined ? first : '', ...rest].join(''), escape: escape ?? 'default' };
}

/** As nginx reads its configuration: quoted or not, with comments between. */
const argumentsOrEnd = /('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|#[^\n]*|;|[^\s;]+/gs;

function unquoted(piece: string): string {
  return piece.slice(1, -1).replace(/\\(["'\\])/g, '$1');
}

function adjacent(one: string, other: string): SluiceError {
  return new SluiceError(
    'usage',
    `--format nginx: nobody can tell where $${one} ends and $${other} begins`,
    'put something between them in nginx.conf, such as a space',
  );
}

export const nginxFormat: FormatKind = {
  name: 'nginx',
  argument: 'LOG_FORMAT',
  summary:
    'a log_format of nginx, as it stands in nginx.conf; fields have the names of its variables, and $request is told as method, path and protocol too',
  hasFields: true,
  create(rejects, settings) {
    const { template, settings: templateSettings } = parseLogFormat(settings.argument);
    const writer = new RecordWriter(settings);
    writer.check('this log_format', namesOf(template));
    return new FieldFormat(new TemplateScanner(template, writer, templateSettings), writer, rejects);
  },
};
