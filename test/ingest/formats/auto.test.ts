import { expect, test } from 'vitest';
import { failureOf } from '../../helpers/envelopes.ts';
import { formatFrom } from '../../../src/ingest/formats/registry.ts';
import { failOnReject } from '../../../src/stage/rejects.ts';

const access = '::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 12';

test.each([
  ['json', '{"a":1}\n\n{"a":2}\n'],
  ['combined', `${access} "-" "curl"\n`],
  ['common', `${access}\n`],
  ['syslog', 'Dec 10 06:55:46 host sshd[1]: a=b\n'],
  ['logfmt', 'level=info msg="a, b"\n'],
  ['csv', 'shop,price\nnorth,1\n'],
  ['csv:;', 'shop;price\nnorth;1,5\n'],
  ['tsv', 'shop\tprice\nnorth, east\t1\n'],
  ['lines', 'GET /cart 200\n'],
  ['lines', '2026-03-01T10:00:00Z INFO cache warm\n'],
  ['lines', '1,2\n3,4\n'],
  ['lines', 'Well, yes\nit is, after, all\n'],
  ['lines', `${access}\nhello\n`],
  ['lines', '\n'],
  ['lines', '7\n'],
])('%s', (name, text) => {
  const said: string[] = [];
  const format = formatFrom({ format: 'auto' }, failOnReject, { tell: (message) => said.push(message) });
  const asAuto = Array.from(format.encode(Buffer.from(text), String, true), ({ payload }) =>
    payload.toString(),
  );
  const plain = formatFrom({ format: name }, failOnReject);
  const expected = Array.from(plain.encode(Buffer.from(text), String, true), ({ payload }) =>
    payload.toString(),
  );
  expect(said).toEqual([`the format looks like ${name}`]);
  expect(asAuto).toEqual(expected);
});

test('where the beginning is not there the format has to be named', () => {
  expect(failureOf(() => formatFrom({ format: 'auto' }, failOnReject, { readsOn: true }))).toMatch(
    /^usage: --format auto cannot/,
  );
});
