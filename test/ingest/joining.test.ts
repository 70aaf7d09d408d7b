import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFrom } from '../../src/ingest/formats/registry.ts';
import { IngestCore } from '../../src/ingest/ingest.ts';
import { StackTraces } from '../../src/ingest/multiline.ts';
import { decodeRecords } from '../../src/envelope/records.ts';
import { failOnReject, type Rejects } from '../../src/stage/rejects.ts';
import { ready, runAll } from '../helpers/envelopes.ts';

const source = { name: 'a.log', position: 0 };

function coreFor(format: string, maxRecord = 1000, rejects: Rejects = failOnReject): IngestCore {
  return new IngestCore({
    format: formatFrom({ format }, rejects),
    rejects,
    sources: [source],
    maxRecord,
    startedAt: 0,
    joining: format === 'csv' ? undefined : new StackTraces(),
  });
}

/** The text in chunks that end at `cuts`. */
function read(
  format: string,
  text: string,
  cuts: readonly number[] = [],
  maxRecord = 1000,
  rejects = failOnReject,
): unknown[] {
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
    (one, other) => one - other,
  );
  const chunks = ends.map((end, index) => ({ source, bytes: bytes.subarray(ends[index - 1] ?? 0, end) }));
  return runAll(coreFor(format, maxRecord, rejects), [...chunks, { source }]).flatMap((envelope) =>
    decodeRecords(envelope),
  );
}

const java = 'ERROR it broke\njava.lang.Error: no\n\tat a.b(C.java:7)\nCaused by: x\n\t... 2 more\n';
const python =
  'ERROR it broke\nTraceback (most recent call last):\n  File "a.py", line 1\n    f()\nValueError: no\n';

describe('--multiline', () => {
  test.each([
    ['single lines', 'a\nb\nc', ['a', 'b', 'c']],
    ['a trace of Java', `a\n${java}b\n`, ['a', java.trimEnd(), 'b']],
    ['a trace of Python', `a\n${python}b\n`, ['a', python.trimEnd(), 'b']],
    ['an object in several lines', 'got {\n  a: 1\n}\nb\n', ['got {\n  a: 1\n}', 'b']],
    ['one that is the last', 'a\n b', ['a\n b']],
    ['one that nothing is in front of', ' b\na\n', [' b', 'a']],
    ['with \\r\\n', 'a\r\n b\r\nc\r\n', ['a\r\n b', 'c']],
    ['one of more than --max-record', `a\n${' b\n'.repeat(600)}c\n`, ['a', 'c']],
  ])('%s', (_name, text, records) => {
    const found = read('lines', text);
    if (text.length < 1000) expect(found).toEqual(records);
    else expect([found.length, found.at(-1)]).toEqual([3, 'c']);
  });

  test('formats take records of several lines', () => {
    expect(read('syslog', 'Oct 11 22:14:15 h app: no\n  at x\nOct 11 22:14:16 h app: b\n')).toMatchObject([
      { message: 'no\n  at x' },
      { message: 'b' },
    ]);
    expect(read('regex:^(?<level>\\w+) (?<text>.*)$', 'ERROR no\n  at x\nINFO b\n')).toEqual([
      { level: 'ERROR', text: 'no\n  at x' },
      { level: 'INFO', text: 'b' },
    ]);
  });

  test('the last record comes once nothing has come behind it for a second', () => {
    const core = coreFor('lines');
    expect(ready(core.accept({ source, bytes: Buffer.from('a\n b\n') }, 1000))).toEqual([]);
    expect(core.deadline()).toBeLessThanOrEqual(2000);
    expect(ready(core.tick(1900)).flatMap((envelope) => decodeRecords(envelope))).toEqual([]);
    expect(ready(core.tick(2000)).flatMap((envelope) => decodeRecords(envelope))).toEqual(['a\n b']);
  });

  test('property: however the bytes come, the records are the same, and no line is lost', () => {
    const line = fc.constantFrom(
      'a',
      ' b',
      '\tat c',
      '',
      'Caused by: d',
      'Traceback (most recent call last):',
      'e',
      '}',
      'x\r',
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat()), (lines, cuts) => {
        const text = `${lines.join('\n')}\n`;
        const records = read('lines', text, cuts) as string[];
        expect(records).toEqual(read('lines', text));
        expect(`${records.join('\n')}\n`.replaceAll('\r', '')).toBe(text.replaceAll('\r', ''));
      }),
    );
  });
});

describe('csv', () => {
  test('line ends in quotes, however the bytes come', () => {
    const text = 'a,b\n1,"x\ny, ""z""\n"\n2,w\n"\n",""\n3,v\n';
    const records = [
      { a: 1, b: 'x\ny, "z"\n' },
      { a: 2, b: 'w' },
      { a: '\n', b: '' },
      { a: 3, b: 'v' },
    ];
    for (let cut = 0; cut < text.length; cut += 1) expect(read('csv', text, [cut, cut + 3])).toEqual(records);
  });

  test('property: damaged or not, however the bytes come, the same lines are records and the same are rejected', () => {
    const line = fc.constantFrom('1,2', '1,"x', 'y",2', '"', '""', '"a",""', 'x"y', '', '1,2\r', '3');
    const outcome = (text: string, cuts: readonly number[]): unknown => {
      const rejected: string[] = [];
      const rejects: Rejects = {
        reject: (record, place, reason) => rejected.push(`${place} ${reason} ${JSON.stringify(record)}`),
        takeCount: () => 0,
      };
      return { records: read('csv', text, cuts, 60, rejects), rejected };
    };
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat()), (lines, cuts) => {
        const text = `a,b\n${lines.join('\n')}\n`;
        expect(outcome(text, cuts)).toEqual(outcome(text, []));
      }),
    );
  });

  test('a quote that is never closed ends at --max-record', () => {
    const text = `a\n"${'x\n'.repeat(30)}`;
    expect(() => read('csv', text, [], 20)).toThrow(/a\.log, line 2: the quote of value 1 is not closed/);
  });
});
