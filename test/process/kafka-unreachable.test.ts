// A broker that is not there: nothing listens at port 1 of loopback.
import { expect, test } from 'vitest';
import { runShell } from '../helpers/shell.ts';

const address = 'kafka://127.0.0.1:1/orders';

test.each([
  ['ingest', `sluice ingest --patience 300ms ${address}`],
  ['emit', `sluice ingest fixtures/app.log | sluice batch --once | sluice emit --patience 300ms ${address}`],
])('%s says so once patience is over, in one line and a hint', async (stage, line) => {
  const { stderr, exits, milliseconds } = await runShell(line);
  expect(exits.at(-1)).toBe(69);
  expect(stderr).toBe(
    `sluice ${stage}: ${address} cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n` +
      '  hint: is the broker running, and is the address right?\n',
  );
  expect(milliseconds).toBeLessThan(30_000);
});

test('a signal ends the wait', async () => {
  const { exits, milliseconds } = await runShell(
    `sluice ingest --patience 1m ${address} & sleep 1; kill -TERM $!; wait $!; (exit $?)`,
  );
  expect(exits).not.toEqual([0]);
  expect(milliseconds).toBeLessThan(30_000);
});

test('a certificate that is none is told at once', async () => {
  const pem = '-----BEGIN CERTIFICATE-----\\nbm9uZQ==\\n-----END CERTIFICATE-----';
  const key = '-----BEGIN PRIVATE KEY-----\\nbm9uZQ==\\n-----END PRIVATE KEY-----';
  const { stderr, exits, milliseconds } = await runShell(
    `printf '%b\\n' '${pem}' >c; printf '%b\\n' '${key}' >k; sluice ingest --tls-cert c --tls-key k ${address}`,
  );
  expect(exits).toEqual([69]);
  expect(stderr).toMatch(/^sluice ingest: kafka:\/\/127\.0\.0\.1:1\/orders cannot be trusted: error:/);
  expect(milliseconds).toBeLessThan(30_000);
});
