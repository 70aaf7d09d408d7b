// Where to connect to or to listen, as a user types it.
import { SluiceError } from './errors.ts';

export type Address = { readonly host: string; readonly port: number };

const loopback = '127.0.0.1';
const mostPort = 65_535;

/** `SCHEME://[HOST]:PORT`. `least` is 0 where the system may choose the port. Throws SluiceError('usage'). */
export function parseAddress(operand: string, least: 0 | 1): Address {
  const [, rest = ''] = /^[a-z-]+:\/\/(.*:\d+)\/?$/.exec(operand) ?? [];
  const address = parsePlace(rest);
  if (address && address.port >= least) return address;
  const [scheme] = operand.split(':', 1);
  throw new SluiceError(
    'usage',
    `'${operand}' is no address`,
    `write ${scheme}://HOST:PORT, as in ${scheme}://127.0.0.1:${scheme === 'flume' ? 4141 : 9999}`,
  );
}

/** The value of an option: `8080`, `:8080`, `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`. Throws SluiceError('usage'). */
export function parseListenAddress(text: string, option: string): Address {
  const address = parsePlace(text);
  if (address) return address;
  throw new SluiceError(
    'usage',
    `--${option} '${text}' is no address to listen on`,
    'write it as HOST:PORT, for example 127.0.0.1:8080; port 0 is any that is free',
  );
}

/** Throws SluiceError('usage') for what is an address, of a kind that nobody here knows: no file is called so. */
export function refuseAddress(operand: string, what: 'source' | 'sink'): void {
  const [scheme] = /^[a-z][a-z\d+.-]*:\/\//i.exec(operand) ?? [];
  if (scheme === undefined) return;
  throw new SluiceError(
    'usage',
    `there is no ${what} ${scheme}…: '${operand}'`,
    what === 'source'
      ? "a path stands by itself; what another program fetches comes by exec:, as in --exit-on-eof exec:'curl -s https://host/a.log'"
      : "a path stands by itself; another program gets the rows by exec:, as in exec:'aws s3 cp - s3://bucket/rows.ndjson'",
  );
}

/** `PORT`, `:PORT` or `HOST:PORT`, an IPv6 address in brackets. */
function parsePlace(text: string): Address | undefined {
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([\da-fA-F:.]+)\]|([^:[\]\s/]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return digits === undefined || port > mostPort
    ? undefined
    : { host: (bracketed ?? plain) || loopback, port };
}
