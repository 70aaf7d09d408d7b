// SCHEME://[HOST]:PORT
import { SluiceError } from './errors.ts';

export type Address = { readonly host: string; readonly port: number };

const loopback = '127.0.0.1';
const mostPort = 65_535;

/** `least` is 0 where the system may choose the port. Throws SluiceError('usage'). */
export function parseAddress(operand: string, least: 0 | 1): Address {
  const [, scheme = '', rest = ''] = /^([a-z-]+):\/\/(.*)$/.exec(operand) ?? [];
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:/[\]]*)):(\d+)\/?$/.exec(rest) ?? [];
  if (port === undefined || Number(port) < least || Number(port) > mostPort)
    throw new SluiceError(
      'usage',
      `'${operand}' is no address`,
      `write ${scheme}://HOST:PORT, as in ${scheme}://127.0.0.1:${scheme === 'flume' ? 4141 : 9999}`,
    );
  return { host: (bracketed ?? plain) || loopback, port: Number(port) };
}
