import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { readLine, readLines } from './support.ts';

const timed = `log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
  '"$http_referer" "$http_user_agent" rt=$request_time uct=$upstream_connect_time '
  '[$upstream_addr] $upstream_status $upstream_response_time "$host"';`;

describe('nginx', () => {
  test('the log of a real one, with odd clients and upstreams that fail, parses to the last line', () => {
    const log = readFileSync('fixtures/nginx-upstream.log');
    const fields =
      'request_time,upstream_connect_time,upstream_addr,upstream_status,upstream_response_time,host';
    const { records, rejected, lines } = readLines({ format: `nginx:${timed}`, fields }, log);
    expect(rejected).toEqual([]);
    expect(records).toHaveLength(lines);
    expect(records.slice(0, 2)).toEqual([
      {
        request_time: 0.001,
        upstream_connect_time: '-, -, 0.000',
        upstream_addr: '127.0.0.1:18082, 127.0.0.1:18083, 127.0.0.1:18084',
        upstream_status: '502, 502, 200',
        upstream_response_time: '0.001, 0.000, 0.000',
        host: '127.0.0.1',
      },
      {
        request_time: 0,
        upstream_connect_time: 0,
        upstream_addr: '127.0.0.1:18084',
        upstream_status: 200,
        upstream_response_time: 0,
        host: '127.0.0.1',
      },
    ]);
  });

  test.each([
    ['$a $b', '1 x', { a: 1, b: 'x' }],
    ['${a}s $b', '12s x', { a: 12, b: 'x' }],
    ['$status', '200', { status: 200 }],
    ['$request_time', '1.50', { request_time: 1.5 }],
    [
      '$time_local $status',
      '10/Oct/2000:13:55:36 -0700 200',
      { time_local: '10/Oct/2000:13:55:36 -0700', status: 200 },
    ],
    [
      '$scheme://$host$request_uri $status',
      'http://a.b/c?d 200',
      { scheme: 'http', host: 'a.b', request_uri: '/c?d', status: 200 },
    ],
    [
      '$upstream_status $upstream_response_time',
      '502, 200 : 200 0.1, - : 0.2',
      { upstream_status: '502, 200 : 200', upstream_response_time: '0.1, - : 0.2' },
    ],
    ['$upstream_response_time $status', '- 200', { upstream_response_time: null, status: 200 }],
    [
      '$http_x_forwarded_for $status',
      '10.0.0.1, 10.0.0.2 200',
      { http_x_forwarded_for: '10.0.0.1, 10.0.0.2', status: 200 },
    ],
    ['"$upstream_addr" $status', '"unix:/a b, c" 200', { upstream_addr: 'unix:/a b, c', status: 200 }],
    ['$remote_user [$time_local]', 'jane doe [x]', { remote_user: 'jane doe', time_local: 'x' }],
    ['$http_x\t$http_y', 'a b\tc', { http_x: 'a b', http_y: 'c' }],
    ["log_format j escape=json '$a|$b|$c';", 'a\\"b\\u00e4||-', { a: 'a"bä', b: null, c: '-' }],
    ["log_format n escape=none '$a|$b';", 'a\\x22|', { a: 'a\\x22', b: null }],
    ["'$a ' '$b'", '1 2', { a: 1, b: 2 }],
    // What sed finds where the directive is one line.
    ["  log_format main '$a [$b]';\n  access_log /a.log main;", '1 [2]', { a: 1, b: 2 }],
    ['log_format main $a;', '1', { a: 1 }],
    [`log_format main "$a; " # first\n '# $b';`, '1; # 2', { a: 1, b: 2 }],
    [String.raw`log_format main '\'$a\' "$b"';`, `'1' "2"`, { a: 1, b: 2 }],
    [
      '$request_method $request',
      'GET GET / HTTP/1.1',
      { request_method: 'GET', request: 'GET / HTTP/1.1', method: 'GET', path: '/', protocol: 'HTTP/1.1' },
    ],
  ])('%s', (format, line, record) => expect(readLine(`nginx:${format}`, line)).toEqual(record));

  test('a number at the end has no spaces in it, a list of upstreams may', () => {
    expect(readLines('nginx:$uri $status', '/ 200 x\n/ 200\n').records).toEqual([{ uri: '/', status: 200 }]);
    expect(readLine('nginx:$uri $upstream_status', '/ 502, 200')).toEqual({
      uri: '/',
      upstream_status: '502, 200',
    });
  });

  test.each([
    ['$a$b', /nobody can tell where \$a ends/],
    ['plain', /there is no variable/],
    ['log_format main;', /there is no variable in ''/],
  ])('%s is refused', (format, message) =>
    expect(failureOf(() => readLines(`nginx:${format}`, ''))).toMatch(message),
  );

  test('the argument is wanted', () => {
    expect(failureOf(() => readLines('nginx', ''))).toMatch(/^usage: --format nginx wants its LOG_FORMAT/);
    expect(failureOf(() => readLines('json:x', ''))).toMatch(/^usage: --format json takes nothing/);
  });
});
