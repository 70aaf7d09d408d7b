// Rows to a web server, a request for each batch or window.
import { readFileSync } from 'node:fs';
import { cannotRead, SluiceError } from '../../errors.ts';
import type { EmitSettings } from '../command.ts';
import { jsonList } from '../formats/registry.ts';
import { openStatus } from '../terminal/screen.ts';
import type { Sink } from './sink.ts';

const tokenVariable = 'SLUICE_HTTP_TOKEN';
/** Milliseconds. */
const usualPatience = 60_000;

export function prepareHttp(operand: string, settings: EmitSettings): Sink {
  const url = parseUrl(operand);
  const { format = 'ndjson', patience = usualPatience, tokenFile, color } = settings;
  if (format !== 'ndjson' && format !== jsonList)
    throw new SluiceError(
      'usage',
      `--format ${format}: rows go to a web server as ndjson or json`,
      'json is one list',
    );
  const token = tokenFrom(tokenFile);
  if (token !== undefined && /[^\x21-\x7e]/.test(token))
    throw new SluiceError(
      'usage',
      `the token of ${tokenFile ?? tokenVariable} has a space, a line end or the like in it`,
      'put in the token and nothing else',
    );
  return {
    target: url.href,
    async open(showsStatus) {
      const { HttpWriter } = await import('./http/writer.ts');
      const status = showsStatus ? await openStatus(color) : undefined;
      return new HttpWriter({ url: url.href, isList: format === jsonList, token, patience, status });
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url)
    throw new SluiceError(
      'usage',
      `${text.replace(/\/\/[^/]*@/, '//')} is no address`,
      'write https://HOST/PATH',
    );
  if (url.username === '' && url.password === '') return url;
  throw new SluiceError(
    'usage',
    'a password does not belong in an address, where everybody on this machine can read it',
    `put a token in a file, --token-file FILE, or in the environment: ${tokenVariable}`,
  );
}

function tokenFrom(file: string | undefined): string | undefined {
  if (file === undefined) return process.env[tokenVariable] || undefined;
  try {
    const [token = ''] = readFileSync(file, 'utf8').split(/\r?\n/);
    if (token !== '') return token;
  } catch (error) {
    throw cannotRead(file, error);
  }
  throw new SluiceError('usage', `${file} has no token in its first line`);
}
