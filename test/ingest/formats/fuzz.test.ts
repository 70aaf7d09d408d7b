// Lines of each format, damaged at random, with a seed: none crashes a scanner or hangs it, and each is a record or rejected.
import { expect, test } from 'vitest';
import { mutated, randomOf } from './mutated.ts';
import { readLines } from './support.ts';
import type { FormatOptions } from '../../../src/ingest/formats/registry.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_301);
const rounds = 10_000;

const combined =
  '10.0.0.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /a?b=\\"c\\" HTTP/1.1" 200 12 "-" "curl \\x22 8"';
const samples: readonly [options: FormatOptions, ...lines: string[]][] = [
  [{ format: 'common' }, '::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326'],
  [{ format: 'combined' }, combined],
  [{ format: 'combined', fields: 'path,bytes', types: 'bytes=number' }, combined],
  [
    {
      format:
        'nginx:$remote_addr [$time_local] "$request" $upstream_status $upstream_response_time $host$uri',
    },
    '::1 [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 502, 200 : 200 0.1, - : 0.2 a.b/c',
  ],
  [
    { format: 'apache:%v:%p %h %t "%r" %>s %D "%{User-Agent}i"' },
    'a.b:80 ::1 [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 9 "x"',
  ],
  [
    { format: 'syslog' },
    "<34>Oct 11 22:14:15 host su[7]: failed 'x'",
    '<165>1 2003-10-11T22:14:15.003Z host app 7 ID47 [a@1 b="c \\" d"][e] text',
    '2026-03-01T10:00:00+01:00 host cron: x',
  ],
  [{ format: 'logfmt' }, 'ts=2026-03-01T10:00:00Z level=info msg="a \\"b\\" c" ms=1.5 ok'],
  [{ format: 'csv', header: 'a,b,c' }, '1,"x ""y"", z",3', ',,', '"","",""'],
  [{ format: 'tsv', header: 'a,b,c' }, '1\tx\\ty\t3', '\t\t'],
  [{ format: 'regex:^(?<a>\\w+) \\[(?<b>[^\\]]*)\\] (?<c>.*)$', types: 'c=number' }, 'word [x y] 7'],
];

test.each(samples)('%j', (options, ...lines) => {
  const random = randomOf(seed);
  const text = Buffer.concat(
    Array.from({ length: rounds }, () => [
      mutated(Buffer.from(lines[random(lines.length)] as string), random),
      Buffer.from('\n'),
    ]).flat(),
  );
  const whole = readLines(options, text);
  const empty =
    text
      .toString('latin1')
      .split('\n')
      .filter((line) => line === '' || line === '\r').length - 1;
  expect(whole.lines).toBe(rounds);
  expect(whole.records.length + whole.rejected.length).toBe(rounds - empty);
  // Some lines of either kind, or this proves nothing.
  expect(whole.records.length).toBeGreaterThan(0);
});
