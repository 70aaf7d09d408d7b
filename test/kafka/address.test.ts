import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKafkaAddress, topicOf } from '../../src/kafka/address.ts';
import { failureOf } from '../helpers/envelopes.ts';

describe('an address', () => {
  test.each<[string, { brokers: string[]; topics: string[]; user?: string }]>([
    ['kafka://localhost/orders', { brokers: ['localhost:9092'], topics: ['orders'] }],
    ['kafka://localhost:19092/orders', { brokers: ['localhost:19092'], topics: ['orders'] }],
    ['kafka://10.0.0.1:1/orders', { brokers: ['10.0.0.1:1'], topics: ['orders'] }],
    ['kafka://host:65535/orders', { brokers: ['host:65535'], topics: ['orders'] }],
    ['kafka://a,b:1,c.example/orders', { brokers: ['a:9092', 'b:1', 'c.example:9092'], topics: ['orders'] }],
    ['kafka://a/orders,refunds', { brokers: ['a:9092'], topics: ['orders', 'refunds'] }],
    ['kafka://a/orders,refunds,orders', { brokers: ['a:9092'], topics: ['orders', 'refunds'] }],
    ['kafka://a/Or.der_s-1', { brokers: ['a:9092'], topics: ['Or.der_s-1'] }],
    ['kafka://a/or%64ers', { brokers: ['a:9092'], topics: ['orders'] }],
    ['kafka://a/...', { brokers: ['a:9092'], topics: ['...'] }],
    ['kafka://alice@a/orders', { brokers: ['a:9092'], topics: ['orders'], user: 'alice' }],
    ['kafka://alice@a:1,b/orders', { brokers: ['a:1', 'b:9092'], topics: ['orders'], user: 'alice' }],
    ['kafka://al%40work@a/orders', { brokers: ['a:9092'], topics: ['orders'], user: 'al@work' }],
    ['kafka://al@work@a/orders', { brokers: ['a:9092'], topics: ['orders'], user: 'al@work' }],
    ['kafka://50%@a/orders', { brokers: ['a:9092'], topics: ['orders'], user: '50%' }],
    ['kafka://@a/orders', { brokers: ['a:9092'], topics: ['orders'] }],
  ])('%s', (text, expected) => {
    expect(parseKafkaAddress(text)).toEqual({ text, ...expected });
  });

  test.each([
    ['kafka://a//orders-.*/', ['orders-eu', 'orders-'], ['orders', 'my-orders-eu']],
    ['kafka://a//orders|refunds/', ['orders', 'refunds'], ['orders2', 'norefunds']],
    ['kafka://a//^orders$/', ['orders'], ['orders2']],
    ['kafka://a//a{1,2}/', ['a', 'aa'], ['aaa']],
  ])('%s has topics that match as a whole', (text, matching, others) => {
    const { pattern, topics, brokers } = parseKafkaAddress(text);
    expect({ topics, brokers }).toEqual({ topics: [], brokers: ['a:9092'] });
    expect(matching.filter((topic) => !pattern?.test(topic))).toEqual([]);
    expect(others.filter((topic) => pattern?.test(topic))).toEqual([]);
  });

  test.each([
    ['kafka://', "'' is no HOST:PORT"],
    ['kafka:///orders', "'' is no HOST:PORT"],
    ['kafka://a,,b/orders', "'' is no HOST:PORT"],
    ['kafka://a:/orders', "'a:' is no HOST:PORT"],
    ['kafka://a:b/orders', "'a:b' is no HOST:PORT"],
    ['kafka://:9092/orders', "':9092' is no HOST:PORT"],
    ['kafka://a:1:2/orders', "'a:1:2' is no HOST:PORT"],
    ['kafka://a b/orders', "'a b' is no HOST:PORT"],
    ['kafka://[::1]:9092/orders', "'[::1]:9092' is no HOST:PORT"],
    ['kafka://a:0/orders', '0 is no port'],
    ['kafka://a:65536/orders', '65536 is no port'],
    ['kafka://a', 'a topic is missing'],
    ['kafka://a/', 'a topic is missing'],
    ['kafka://a/orders,', 'a topic is missing'],
    ['kafka://a/orders/0', "'orders/0' cannot be the name of a topic"],
    ['kafka://a/or ders', "'or ders' cannot be the name of a topic"],
    ['kafka://a/größe', "'größe' cannot be the name of a topic"],
    ['kafka://a/..', "'..' cannot be the name of a topic"],
    [`kafka://a/${'x'.repeat(250)}`, `'${'x'.repeat(250)}' cannot be the name of a topic`],
    ['kafka://a//', "'/' cannot be the name of a topic"],
    ['kafka://a//x(/', '/x(/ is no regular expression'],
  ])('%s is refused', (text, why) => {
    expect(failureOf(() => parseKafkaAddress(text))).toBe(`usage: ${text}: ${why}`);
  });
});

describe('a password in an address is refused, and not said', () => {
  test.each([
    'kafka://alice:s3cret@a/orders',
    'kafka://alice%3As3cret@a/orders',
    'kafka://alice:@a/orders',
    'kafka://:s3cret@a/orders',
    'kafka://alice:s3cret@a',
    'kafka://alice:s3cret@a:x/orders',
    'kafka://alice:s3cret/1@a/orders',
    'kafka://alice:12/s3cret@a/orders',
    'kafka://alice:s3c@ret@a/orders',
    'kafka://alice:s3c,ret@a/orders',
  ])('%s', (text) => {
    const failure = failureOf(() => parseKafkaAddress(text));
    expect(failure).toMatch(/^usage: a password does not belong in an address/);
    expect(failure).not.toMatch(/s3c|ret\b/);
  });

  test('property: whatever it is', () => {
    const password = fc.string({
      minLength: 1,
      maxLength: 12,
      unit: fc.constantFrom('q', 'z', '1', '9', '/', ':', '@', ',', '%', '[', ']', '.', ' '),
    });
    fc.assert(
      fc.property(password, (secret) => {
        const failure = failureOf(() => parseKafkaAddress(`kafka://alice:${secret}@host/orders`));
        expect(failure).toMatch(/^usage: a password does not belong in an address/);
      }),
    );
  });
});

test.each([
  ['kafka://a/orders', 'orders'],
  ['kafka://a/orders,orders', 'orders'],
])('%s is one topic', (text, topic) => {
  expect(topicOf(parseKafkaAddress(text))).toBe(topic);
});

test.each(['kafka://a/orders,refunds', 'kafka://a//orders.*/'])('%s is not one topic', (text) => {
  expect(failureOf(() => topicOf(parseKafkaAddress(text)))).toBe(`usage: ${text}: rows go to one topic`);
});
