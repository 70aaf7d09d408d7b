import { describe, expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { readLine, readLines } from './support.ts';

const line = (request = 'GET / HTTP/1.1', agent = 'curl/8', status = '200', bytes = '12'): string =>
  `::1 - ada [10/Oct/2000:13:55:36 -0700] "${request}" ${status} ${bytes} "-" "${agent}"`;

describe('combined', () => {
  test('all of its fields', () => {
    expect(readLine('combined', line())).toEqual({
      host: '::1',
      ident: null,
      user: 'ada',
      time: '10/Oct/2000:13:55:36 -0700',
      request: 'GET / HTTP/1.1',
      method: 'GET',
      path: '/',
      protocol: 'HTTP/1.1',
      status: 200,
      bytes: 12,
      referer: null,
      user_agent: 'curl/8',
    });
  });

  test.each([
    ['escapes of Apache', 'say \\"hi\\" \\\\ [x]\\t', 'say "hi" \\ [x]\t'],
    ['escapes of nginx', 'say \\x22hi\\x22 \\x5C', 'say "hi" \\'],
    ['escaped UTF-8', '\\xC3\\x9Cber', 'Über'],
    ['escaped bytes that are no UTF-8 stay as written', 'caf\\xe9 \\"', 'caf\\xe9 \\"'],
    ['what is no escape', '456\\38 C:\\dir\\Übung', '456\\38 C:\\dir\\Übung'],
    ['an escape that is cut off', 'a\\x2', 'a\\x2'],
    ['UTF-8 as it is', 'Ünïcode ☃', 'Ünïcode ☃'],
    ['control characters', 'a\u0001\tb', 'a\u0001\tb'],
    ['nothing', '', ''],
    ['a number', '42', '42'],
    ['a user agent that is a dash', '-', null],
  ])('%s', (_name, written, agent) => {
    expect(readLine({ format: 'combined', fields: 'user_agent' }, line(undefined, written))).toEqual({
      user_agent: agent,
    });
  });

  test.each([
    ['GET /a?b=c HTTP/2.0', ['GET', '/a?b=c', 'HTTP/2.0']],
    ['GET /a b HTTP/1.1', ['GET', '/a b', 'HTTP/1.1']],
    ['GET /\\"x\\" HTTP/1.1', ['GET', '/"x"', 'HTTP/1.1']],
    ['GET /old', [null, null, null]],
    ['\\x16\\x03\\x01', [null, null, null]],
    ['-', [null, null, null]],
    ['', [null, null, null]],
    ['GET HTTP/1.1', [null, null, null]],
  ])('the parts of request %j', (request, [method, path, protocol]: (string | null)[]) => {
    const options = { format: 'combined', fields: 'protocol,method,path' };
    expect(readLine(options, line(request))).toEqual({ method, path, protocol });
  });

  test('a quote that is not escaped is part of a value where its end is plain', () => {
    expect(readLine({ format: 'combined', fields: 'path,status' }, line('GET /"a"b HTTP/1.1'))).toEqual({
      path: '/"a"b',
      status: 200,
    });
    expect(readLines('combined', `${line('GET /"a" HTTP/1.1')}\n`).rejected).toEqual([
      '1: its status is no number: "HTTP/1.1\\""',
    ]);
  });

  test('fields that are not asked for are not there; types as the user says', () => {
    const options = { format: 'combined', fields: 'status,bytes', types: 'status=text,bytes=number' };
    expect(readLine(options, line())).toEqual({ status: '200', bytes: 12 });
    expect(readLine(options, line(undefined, undefined, '304', '-'))).toEqual({ status: '304', bytes: null });
    expect(readLines(options, `${line(undefined, undefined, '200', 'x')}\n`).rejected).toEqual([
      '1: its bytes is no number: "x"',
    ]);
  });

  test('lines that are none are rejected with a reason, and the others kept', () => {
    const { records, rejected, lines } = readLines(
      { format: 'combined', fields: 'status' },
      `${line()}\n\nx\n::1 - - [10/Oct\n${line()} "-"\r\n${line()}\r\n`,
    );
    expect(records).toEqual([{ status: 200 }, { status: 200 }]);
    expect(rejected).toEqual([
      '3: there is no " " behind its host: "x"',
      '4: there is no "] \\"" behind its time: "10/Oct"',
      '5: there is more behind its last field: " \\"-\\""',
    ]);
    expect(lines).toBe(6);
  });

  test('a line that is no UTF-8 is decoded with U+FFFD', () => {
    const bytes = Buffer.from(`${line(undefined, 'caf\xe9')}\n${line()}\n`, 'latin1');
    expect(readLines({ format: 'combined', fields: 'user_agent' }, bytes).records).toEqual([
      { user_agent: 'caf\ufffd' },
      { user_agent: 'curl/8' },
    ]);
  });

  test('a field that it does not have is refused', () => {
    expect(failureOf(() => readLines({ format: 'combined', fields: 'stauts' }, ''))).toMatch(
      /^usage: combined has no field 'stauts'/,
    );
    expect(failureOf(() => readLines({ format: 'common', types: 'referer=text' }, ''))).toMatch(
      /no field 'referer'/,
    );
  });
});

test('common ends with the bytes', () => {
  expect(
    readLine(
      { format: 'common', fields: 'path,bytes' },
      '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326',
    ),
  ).toEqual({ path: '/a.gif', bytes: 2326 });
  const { records, rejected } = readLines('common', `${line()}\n${line().replace(' "-" "curl/8"', '')}\n`);
  expect(records).toHaveLength(1);
  expect(rejected).toEqual([`1: there is more behind its last field: ${JSON.stringify(' "-" "curl/8"')}`]);
});
