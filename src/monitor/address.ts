// Where to listen, as a user types it.
import { SluiceError } from '../errors.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

/** `8080`, `:8080`, `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`. Throws SluiceError('usage'). */
export function parseListenAddress(text: string, option: string): ListenAddress {
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([\da-fA-F:.]+)\]|([^:[\]\s/]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw new SluiceError(
      'usage',
      `--${option} '${text}' is no address to listen on`,
      'write it as HOST:PORT, for example 127.0.0.1:8080; port 0 is any that is free',
    );
  return { host: bracketed ?? (plain || '127.0.0.1'), port };
}
