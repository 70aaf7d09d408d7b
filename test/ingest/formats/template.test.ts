// What the kernel makes of lines is what the scanner makes of them one by one.
import { afterEach, expect, test, vi } from 'vitest';
import { formatFrom, type FormatOptions } from '../../../src/ingest/formats/registry.ts';
import { TemplateScanner } from '../../../src/ingest/formats/template.ts';
import { failOnReject } from '../../../src/stage/rejects.ts';
import { mutated, randomOf } from './mutated.ts';
import { readLines } from './support.ts';

afterEach(() => vi.restoreAllMocks());

const combined =
  '10.0.0.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 12 "-" "Mozilla/5.0 (X11; Linux x86_64) é"';
const upstream =
  'nginx:$remote_addr [$time_local] "$request" $status $upstream_status "$upstream_response_time" $upstream_addr $host$uri $request_time';
const samples: readonly [options: FormatOptions, ...lines: string[]][] = [
  [{ format: 'common' }, '::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326'],
  [{ format: 'combined' }, combined, combined.replace('12', '-')],
  [{ format: 'combined', fields: 'path,bytes', types: 'bytes=number' }, combined],
  [
    { format: 'combined', fields: 'protocol,method,user_agent', types: 'user_agent=number' },
    '10.0.0.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 12 "-" "4.20"',
    '10.0.0.7 - ada [10/Oct/2000:13:55:36 -0700] "PRI * HTTP/2.0" 400 12 "-" "-"',
  ],
  [
    { format: upstream },
    '::1 [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 502, 200 : 200 "0.1, - : 0.2" 10.0.0.1:80, 10.0.0.2:80 a.b/c 0.010',
  ],
  [
    { format: 'nginx:log_format x escape=json \'{"at":"$time_iso8601","ms":$request_time,"a":"$arg_a"}\';' },
    '{"at":"2026-03-01T10:00:00+00:00","ms":0.250,"a":""}',
  ],
  [{ format: "nginx:log_format x escape=none '$status|$arg_a|$msec'" }, '200|a\\b"c|1700000000.123'],
  [
    { format: 'apache:%v:%p %h %t "%r" %>s %D "%{User-Agent}i"' },
    'a.b:80 ::1 [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 9 "x"',
  ],
  [{ format: 'apache:%h %a %b' }, 'a b 0.05', 'a 1 0', 'a -0 12', 'a 007 1.50', 'a 1.5 123456789012345'],
];

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 5000);

test.each(samples)('%j', (options, ...lines) => {
  const random = randomOf(Number(process.env['FUZZ_SEED'] ?? 20_261_126));
  const texts = Array.from({ length: rounds }, () => {
    const line = Buffer.from(lines[random(lines.length)] as string);
    return Buffer.concat([
      random(3) === 0 ? line : mutated(line, random),
      Buffer.from(random(9) === 0 ? '\r\n' : '\n'),
    ]);
  });
  const fast = outcomes(options, texts);
  const ahead = vi.spyOn(TemplateScanner.prototype, 'scanAhead').mockReturnValue({ lines: 0, consumed: 0 });
  expect(fast.all).toEqual(outcomes(options, texts).all);
  // The kernel did some of them, or this proves nothing.
  expect(ahead).toHaveBeenCalled();
  expect(fast.atOnce).toBeGreaterThan(rounds / 4);
});

function outcomes(options: FormatOptions, texts: readonly Buffer[]): { all: string[]; atOnce: number } {
  let fault = '';
  const rejects = {
    ...failOnReject,
    reject: (_: unknown, place: string, why: string) => (fault = `${place}: ${why}`),
  };
  const format = formatFrom(options, rejects);
  const scan = vi.spyOn(TemplateScanner.prototype, 'scan');
  const all = texts.map((text) => {
    fault = '';
    const pieces = Array.from(format.encode(text, String));
    return `${pieces.map(({ payload, count, lines }) => `${lines} ${count} ${payload.toString()}`).join('|')} ${fault}`;
  });
  const atOnce = texts.length - scan.mock.calls.length;
  scan.mockRestore();
  return { all, atOnce };
}

test('numbers are told from text alike', () => {
  const random = randomOf(7);
  const digits = '0123456789.-0009';
  const numbers = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + random(20) }, () => digits[random(digits.length)]).join(''),
  );
  const text = numbers.map((number) => `${number} ${number} ${number}\n`).join('');
  const options = { format: 'apache:%h %b %{X}n', types: 'note_x=text' };
  const fast = readLines(options, text);
  vi.spyOn(TemplateScanner.prototype, 'scanAhead').mockReturnValue({ lines: 0, consumed: 0 });
  expect(fast).toEqual(readLines(options, text));
});

test('what cannot be done at once is done line by line, wherever it stands', () => {
  const lines = Array.from({ length: 5000 }, (_, index) =>
    combined.replace('/a', index % 7 === 0 ? `/\\x22${index}` : index % 1001 === 0 ? '\\' : `/${index}`),
  );
  const text = lines.join('\n');
  const fast = readLines('combined', text);
  vi.spyOn(TemplateScanner.prototype, 'scanAhead').mockReturnValue({ lines: 0, consumed: 0 });
  expect(fast).toEqual(readLines('combined', text));
  expect(fast.records.length).toBeGreaterThan(4900);
});
