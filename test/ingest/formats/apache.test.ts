import { describe, expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { readLine, readLines } from './support.ts';

const combined = '::1 - ada [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 200 12 "-" "curl \\"8\\""';

describe('apache', () => {
  test('the combined format gives what combined gives', () => {
    const written = '%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"';
    expect(readLine(`apache:${written}`, combined)).toEqual(readLine('combined', combined));
    expect(readLine(`apache:LogFormat "${written}" combined`, combined)).toEqual(
      readLine('combined', combined),
    );
  });

  test.each([
    ['%v:%p %h', 'example.com:443 ::1', { server_name: 'example.com', port: 443, host: '::1' }],
    [
      '%t %D',
      '[10/Oct/2000:13:55:36 -0700] 1500',
      { time: '10/Oct/2000:13:55:36 -0700', microseconds: 1500 },
    ],
    ['%{%Y-%m-%d %H:%M:%S}t %>s', '2000-10-10 13:55:36 200', { time: '2000-10-10 13:55:36', status: 200 }],
    // A time in pieces is one.
    [
      '[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] %>s',
      '[10/Oct/2000:13:55:36.123 -0700] 200',
      { time: '10/Oct/2000:13:55:36.123 -0700', status: 200 },
    ],
    [
      '%{%F %T}t%{usec_frac}t %a',
      '2000-10-10 13:55:36123456 ::1',
      { time: '2000-10-10 13:55:36123456', client: '::1' },
    ],
    // Two of a name are both there.
    [
      '%t %{begin:%T}t %s %>s',
      '[10/Oct/2000:13:55:36 -0700] 13:55:35 302 200',
      { time: '10/Oct/2000:13:55:36 -0700', time_2: '13:55:35', status: 302, status_2: 200 },
    ],
    // Proxies in a row are parted by a comma and a space.
    [
      '%{X-Forwarded-For}i %l %u %>s',
      '10.0.0.1, 10.0.0.2, 10.0.0.3 - ada 200',
      { x_forwarded_for: '10.0.0.1, 10.0.0.2, 10.0.0.3', ident: null, user: 'ada', status: 200 },
    ],
    [
      '%{X-Forwarded-For}i|%{Content-Type}o|%{sid}C',
      'a, b|text/html|7',
      { x_forwarded_for: 'a, b', sent_content_type: 'text/html', cookie_sid: 7 },
    ],
    [
      '%m %U%q %H %{ms}T',
      'GET /a?b HTTP/1.1 5',
      { method: 'GET', path: '/a?b', protocol: 'HTTP/1.1', milliseconds: 5 },
    ],
    ['%!200,304{Referer}i %400,501>s', '- 200', { referer: null, status: 200 }],
    ['100%% %a\\t%I', '100% ::1\t9', { client: '::1', bytes_received: 9 }],
    ['%r', 'GET / HTTP/1.1', { request: 'GET / HTTP/1.1', method: 'GET', path: '/', protocol: 'HTTP/1.1' }],
  ])('%s', (format, line, record) => expect(readLine(`apache:${format}`, line)).toEqual(record));

  test('a number at the end has no spaces in it', () => {
    const { records, rejected } = readLines('apache:%h %>s %b', 'a 200 5 "-" "-"\na 200 5\na 200 -\n');
    expect(records).toEqual([
      { host: 'a', status: 200, bytes: 5 },
      { host: 'a', status: 200, bytes: null },
    ]);
    expect(rejected).toEqual(['1: there is more behind its last field: " \\"-\\" \\"-\\""']);
  });

  test.each([
    ['%h%l', /nobody can tell where host ends/],
    ['%h %Z', /'%Z' is not known/],
    ['%{x}Z', /'%\{x\}Z' is not known/],
    ['plain', /there is no directive/],
    ['LogFormat "%h" a\nLogFormat "%h %l" b', /it is no single LogFormat/],
    ['LogFormat "%h', /it is no single LogFormat/],
  ])('%s is refused', (format, message) =>
    expect(failureOf(() => readLines(`apache:${format}`, ''))).toMatch(message),
  );
});
