// Which formats pieces of files can be read in, and what of their lines is read then.
import { describe, expect, test } from 'vitest';
import type { FormatOptions } from '../../src/ingest/formats/registry.ts';
import { kernelFieldsOf, type KernelFields } from '../../src/reduce/kernel-fields.ts';
import { planFrom, type ReducePlan } from '../../src/reduce/plan.ts';
import { lineReader, readingFor } from '../../src/scan/reading.ts';

const fieldsOf = (by: string, ...aggregates: string[]): KernelFields => {
  const keys = by === '' ? [] : by.split(',');
  return kernelFieldsOf(
    planFrom({ by: keys, words: false, partial: false }, aggregates) as ReducePlan,
  ) as KernelFields;
};
const byStatus = fieldsOf('status', 'sum(bytes)');
const byColumn = fieldsOf('$9', 'sum($10)');
const words = undefined;

test.each<[options: FormatOptions, reductions: (KernelFields | undefined)[], fields: string | undefined]>([
  [{ format: 'combined' }, [byStatus], 'status,bytes'],
  [{ format: 'combined' }, [byStatus, fieldsOf('status', 'p99(bytes)', 'count')], 'status,bytes'],
  [{ format: 'combined' }, [byStatus, fieldsOf('path', 'count')], 'status,bytes,path'],
  [{ format: 'combined', fields: 'status,host' }, [byStatus], 'status'],
  // Whether it is a number decides about the whole line.
  [{ format: 'combined', types: 'bytes=number,host=text' }, [fieldsOf('status', 'count')], 'status,bytes'],
  [{ format: 'logfmt' }, [byStatus], 'status,bytes'],
  [{ format: 'regex:(?<status>\\d+) (?<bytes>\\d+)' }, [byStatus], 'status,bytes'],
  [{ format: 'nginx:$status $body_bytes_sent' }, [fieldsOf('status', 'count')], 'status'],
])('%j: of a line only what is looked at', (options, reductions, fields) => {
  expect(readingFor(options, reductions)).toEqual({ ...options, fields });
});

test.each<[options: FormatOptions, reductions: (KernelFields | undefined)[]]>([
  [{ format: 'lines' }, [byStatus]],
  [{ format: 'json' }, [byColumn]],
  [{ format: 'json' }, [words]],
  [{ format: 'combined' }, [words]],
  [{ format: 'combined' }, [byColumn]],
  [{ format: 'combined' }, [byStatus, words]],
  // Null in every row, which is for the stages to say.
  [{ format: 'combined' }, [fieldsOf('nothing', 'count')]],
  [{ format: 'combined', fields: 'host' }, [byStatus]],
  // Of what is in the middle of a file nobody knows what it is.
  [{ format: 'csv' }, [byStatus]],
  [{ format: 'csv', header: 'status,bytes' }, [byStatus]],
  [{ format: 'tsv', header: 'status,bytes' }, [byStatus]],
  [{ format: 'auto' }, [byStatus]],
])('%j: not in pieces', (options, reductions) => {
  expect(readingFor(options, reductions)).toBeUndefined();
});

test.each<[options: FormatOptions, reductions: (KernelFields | undefined)[]]>([
  [{ format: 'lines' }, [words, byColumn]],
  [{ format: 'json' }, [byStatus]],
])('%j: from the bytes of lines', (options, reductions) => {
  expect(readingFor(options, reductions)).toBe(options);
});

describe('records of a format', () => {
  const taken: string[] = [];
  const table = {
    addLines: () => false,
    addPayload: (payload: Buffer, count: number) => taken.push(`${count} ${payload.toString()}`) > 0,
  };
  const { add } = lineReader([table], { format: 'logfmt', fields: 'a,b' }, false);

  test('come into the tables as payloads', () => {
    expect(add(Buffer.from('a=1 c=2\n\na=2 b=x\n'), false)).toBe(true);
    expect(taken).toEqual(['2 {"a":1},{"a":2,"b":"x"}']);
  });

  test('end with a line that is none', () => {
    expect(add(Buffer.from('a=1\nnothing\n'), false)).toBe(false);
  });

  test('or without it, where such lines are left out', () => {
    taken.length = 0;
    const skipping = lineReader([table], { format: 'logfmt', fields: 'a' }, true);
    expect(skipping.add(Buffer.from('a=1\nnothing\nat all\na=2\n'), false)).toBe(true);
    expect(skipping.rejected).toBe(2);
    expect(taken).toEqual(['2 {"a":1},{"a":2}']);
  });
});
