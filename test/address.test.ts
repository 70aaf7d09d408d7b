import { expect, test } from 'vitest';
import { parseAddress, parseListenAddress, refuseAddress } from '../src/address.ts';
import { failureOf } from './helpers/envelopes.ts';

test.each([
  ['tcp://localhost:9999', 'localhost', 9999],
  ['tcp://:9999/', '127.0.0.1', 9999],
  ['flume://[::1]:4141', '::1', 4141],
  ['tcp-listen://:0', '127.0.0.1', 0],
])('the address %s', (operand, host, port) => {
  expect(parseAddress(operand, 0)).toEqual({ host, port });
});

test.each(['s3://bucket/a', 'HTTPS://host', 'svn+ssh://h'])('%s is no file', (operand) => {
  expect(failureOf(() => refuseAddress(operand, 'source'))).toMatch(/^usage: there is no source /);
});

test.each(['a.log', './s3:/a', 'a:b', 'C:/a', '//host/a', '-'])('%s may be a file', (operand) => {
  expect(() => refuseAddress(operand, 'sink')).not.toThrow();
});

test.each([
  'tcp://9999',
  'tcp://localhost',
  'tcp://a:b',
  'tcp://a:0',
  'tcp://a:70000',
  'tcp://::1:80',
  'tcp://a:1/b',
])('%s is no address', (operand) => {
  expect(failureOf(() => parseAddress(operand, 1))).toMatch(/^usage: 'tcp:.*' is no address/);
});

test.each([
  ['8080', '127.0.0.1', 8080],
  [':8080', '127.0.0.1', 8080],
  ['localhost:0', 'localhost', 0],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['[::1]:9464', '::1', 9464],
])('the address to listen on %s', (text, host, port) => {
  expect(parseListenAddress(text, 'http')).toEqual({ host, port });
});

test.each(['', 'localhost', '::1:80', 'a b:80', '1:99999', 'http://a:80', '[x]:1'])(
  '%j is no address to listen on',
  (text) => {
    expect(failureOf(() => parseListenAddress(text, 'http'))).toMatch(
      /^usage: --http '.*' is no address to listen on/,
    );
  },
);
