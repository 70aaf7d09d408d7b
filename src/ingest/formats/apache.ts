// `apache:LOG_FORMAT`: what stands behind LogFormat in httpd.conf, or the whole directive, compiled to a scanner.
import { SluiceError } from '../../errors.ts';
import { FieldFormat } from './field-format.ts';
import type { FormatKind } from './format.ts';
import { RecordWriter } from './record-writer.ts';
import { namesOf, TemplateScanner, withBoundEnd, type Template, type TemplateField } from './template.ts';

/** Of directives without an argument in braces. */
const directives: Readonly<Record<string, Template>> = {
  a: [{ name: 'client' }],
  A: [{ name: 'local_address' }],
  B: [{ name: 'bytes', reading: 'decimal' }],
  b: [{ name: 'bytes', reading: 'decimal' }],
  D: [{ name: 'microseconds', reading: 'decimal' }],
  f: [{ name: 'file', reading: 'text' }],
  h: [{ name: 'host' }],
  H: [{ name: 'protocol', reading: 'text' }],
  I: [{ name: 'bytes_received', reading: 'decimal' }],
  k: [{ name: 'keepalives', reading: 'decimal' }],
  l: [{ name: 'ident', reading: 'text' }],
  L: [{ name: 'log_id', reading: 'text' }],
  m: [{ name: 'method', reading: 'text' }],
  O: [{ name: 'bytes_sent', reading: 'decimal' }],
  p: [{ name: 'port', reading: 'decimal' }],
  P: [{ name: 'process', reading: 'decimal' }],
  q: [{ name: 'query', reading: 'text' }],
  r: [{ name: 'request', reading: 'text', isRequest: true }],
  R: [{ name: 'handler', reading: 'text' }],
  s: [{ name: 'status', reading: 'decimal', isStatus: true }],
  S: [{ name: 'bytes_transferred', reading: 'decimal' }],
  t: ['[', { name: 'time', spaces: 1 }, ']'],
  T: [{ name: 'seconds', reading: 'decimal' }],
  u: [{ name: 'user', reading: 'text' }],
  U: [{ name: 'path', reading: 'text', begins: '/' }],
  v: [{ name: 'server_name', reading: 'text' }],
  V: [{ name: 'server_name', reading: 'text' }],
  X: [{ name: 'connection', reading: 'text' }],
};
/** `%{NAME}i` and the like: what goes in front of the name. */
const prefixes: Readonly<Record<string, string>> = {
  i: '',
  o: 'sent_',
  C: 'cookie_',
  e: 'env_',
  n: 'note_',
  x: '',
};
const durations: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', us: 'microseconds' };

/** Throws SluiceError('usage'). */
function parseLogFormat(text: string): Template {
  // A path is told with its query, as in a request.
  const format = directive(text.trim()).replaceAll('%U%q', '%U');
  const template: (string | TemplateField)[] = [];
  let at = 0;
  const pattern = /%(?:%|(?:!?\d+(?:,\d+)*)?[<>]?(?:\{([^}]*)\})?(\^?[A-Za-z]+?)(?=.|$))/gs;
  for (const { 0: whole, 1: argument, 2: letter, index } of format.matchAll(pattern)) {
    append(template, [format.slice(at, index)]);
    append(template, letter === undefined ? ['%'] : piecesOf(whole, letter, argument));
    at = index + whole.length;
  }
  append(template, [format.slice(at)]);
  const names = new Map<string, number>();
  for (const [index, piece] of template.entries()) {
    if (typeof piece === 'string') continue;
    const count = (names.get(piece.name) ?? 0) + 1;
    names.set(piece.name, count);
    // `%s %>s`: two values of one name.
    if (count > 1) template[index] = { ...piece, name: `${piece.name}_${count}` };
  }
  if (!template.some((piece) => typeof piece === 'object'))
    throw new SluiceError(
      'usage',
      `--format apache: there is no directive in '${format}'`,
      `write what stands behind LogFormat in httpd.conf: --format 'apache:%h %l %u %t "%r" %>s %b'`,
    );
  return withBoundEnd(template);
}

function piecesOf(whole: string, letter: string, argument: string | undefined): Template {
  if (argument === undefined) {
    const known = directives[letter];
    if (known) return known;
  } else if (letter === 't') return [{ name: 'time', spaces: argument.split(' ').length - 1 }];
  else if (letter === 'T' && durations[argument] !== undefined)
    return [{ name: durations[argument], reading: 'decimal' }];
  else if (letter === 'p' || letter === 'P' || letter === 'a' || letter === 'h')
    return directives[letter] ?? [];
  else if (prefixes[letter] !== undefined) {
    const name = argument.toLowerCase().replace(/[^a-z0-9]+/g, '_');
    const isList = letter === 'i' && name === 'x_forwarded_for';
    return [{ name: `${prefixes[letter]}${name}`, reading: letter === 'i' ? 'text' : 'guess', isList }];
  }
  throw new SluiceError(
    'usage',
    `--format apache: '${whole}' is not known`,
    `the directives are those of Apache's mod_log_config: %h %l %u %t %r %>s %b %{Referer}i and others`,
  );
}

/** Literals that meet are one, and so is a time in pieces: `%{%F %T}t.%{msec_frac}t`. */
function append(template: (string | TemplateField)[], pieces: Template): void {
  for (const piece of pieces) {
    if (piece === '' || (isTime(piece) && isJoined(template, piece))) continue;
    const before = template.at(-1);
    if (typeof piece === 'string' && typeof before === 'string')
      template[template.length - 1] = before + piece;
    else if (typeof piece === 'object' && typeof before === 'object' && piece.begins === undefined)
      throw new SluiceError(
        'usage',
        `--format apache: nobody can tell where ${before.name} ends and ${piece.name} begins`,
        'put something between them in httpd.conf, such as a space',
      );
    else template.push(piece);
  }
}

const isTime = (piece: string | TemplateField | undefined): piece is TemplateField =>
  typeof piece === 'object' && piece.name === 'time';

/** What stands between the pieces of a time. */
const withinTime = /^[ .,:T+-]*$/;

/** True once the time is a part of the one that stands in front of it. */
function isJoined(template: (string | TemplateField)[], time: TemplateField): boolean {
  const between = typeof template.at(-1) === 'string' ? (template.at(-1) as string) : '';
  const at = template.length - (between === '' ? 1 : 2);
  const before = template[at];
  if (!isTime(before) || !withinTime.test(between)) return false;
  const spaces = (before.spaces ?? 0) + between.split(' ').length - 1 + (time.spaces ?? 0);
  template.splice(at, 2, { ...before, spaces });
  return true;
}

/** `LogFormat "…" NAME`, or what is in the quotes, where quotes have a backslash. */
function directive(text: string): string {
  const match =
    /^LogFormat\s+"((?:[^"\\]|\\.)*)"(?:\s+\S+)?$/is.exec(text) ?? /^"((?:[^"\\]|\\.)*)"$/s.exec(text);
  if (!match && /^LogFormat\s/i.test(text))
    throw new SluiceError(
      'usage',
      `--format apache: it is no single LogFormat directive: '${text.split('\n')[0]}'`,
      'give one of them, as it stands in httpd.conf: LogFormat "%h %l %u %t" NAME',
    );
  return (match?.[1] ?? text).replace(/\\(.)/gs, (_, letter: string) =>
    letter === 't' ? '\t' : letter === 'n' ? '\n' : letter,
  );
}

export const apacheFormat: FormatKind = {
  name: 'apache',
  argument: 'LOG_FORMAT',
  summary:
    'a LogFormat of Apache, as it stands in httpd.conf; fields have the names of common and combined, headers their own: x_forwarded_for',
  hasFields: true,
  create(rejects, settings) {
    const template = parseLogFormat(settings.argument);
    const writer = new RecordWriter(settings);
    writer.check('this LogFormat', namesOf(template));
    return new FieldFormat(new TemplateScanner(template, writer, { hasEscapes: true }), writer, rejects);
  },
};
