import { describe, expect, test } from 'vitest';
import { fits, policyFrom } from '../../src/batch/policy.ts';
import { failureOf } from '../helpers/envelopes.ts';

const unset = { records: undefined, bytes: undefined, once: false };

describe('policyFrom', () => {
  test.each([
    { settings: unset, interval: '10s', policy: { by: 'interval', milliseconds: 10_000 } },
    { settings: { ...unset, records: 5 }, interval: undefined, policy: { by: 'records', limit: 5 } },
    { settings: { ...unset, bytes: 9 }, interval: undefined, policy: { by: 'bytes', limit: 9 } },
    { settings: { ...unset, once: true }, interval: undefined, policy: { by: 'end' } },
  ])('$policy.by', ({ settings, interval, policy }) => {
    expect(policyFrom(settings, interval)).toEqual(policy);
  });

  test.each([
    { settings: unset, interval: undefined, why: 'usage: when is a batch full?' },
    {
      settings: { ...unset, once: true },
      interval: '1s',
      why: 'usage: a batch can be closed in one way only',
    },
    {
      settings: { ...unset, records: 1, bytes: 1 },
      interval: undefined,
      why: 'usage: a batch can be closed in one way only',
    },
    { settings: unset, interval: '10', why: `usage: '10' is no duration` },
  ])('$why', ({ settings, interval, why }) => {
    expect(failureOf(() => policyFrom(settings, interval))).toBe(why);
  });
});

describe('fits', () => {
  const payload = Buffer.from('"a","bb","ccc"');
  test.each([
    { name: 'all by interval', policy: { by: 'interval', milliseconds: 1 }, held: [99, 99], fit: [3, 14] },
    { name: 'all by end', policy: { by: 'end' }, held: [99, 99], fit: [3, 14] },
    { name: 'all records', policy: { by: 'records', limit: 3 }, held: [0, 0], fit: [3, 14] },
    { name: 'some records', policy: { by: 'records', limit: 3 }, held: [1, 9], fit: [2, 8] },
    { name: 'no record', policy: { by: 'records', limit: 3 }, held: [3, 9], fit: [0, 0] },
    { name: 'all bytes', policy: { by: 'bytes', limit: 14 }, held: [0, 0], fit: [3, 14] },
    { name: 'some bytes', policy: { by: 'bytes', limit: 13 }, held: [0, 0], fit: [2, 8] },
    { name: 'bytes beside those held', policy: { by: 'bytes', limit: 10 }, held: [1, 4], fit: [1, 3] },
    { name: 'no bytes', policy: { by: 'bytes', limit: 10 }, held: [1, 9], fit: [0, 0] },
    { name: 'one record, however large', policy: { by: 'bytes', limit: 1 }, held: [0, 0], fit: [1, 3] },
  ] as const)('$name', ({ policy, held: [records, bytes], fit: [count, end] }) => {
    expect(fits(policy, { records, bytes }, payload, 3)).toEqual({ records: count, end });
  });
});
