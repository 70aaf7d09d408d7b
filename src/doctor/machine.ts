// Node, the kernel and the terminal.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as zlib from 'node:zlib';
import { packagePath, packageVersion } from '../package.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Finding } from './finding.ts';

/** The oldest Node that package.json names. */
const oldest = [20, 19] as const;

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  const zstd = 'createZstdDecompress' in zlib ? '' : ', zstd without its speed';
  const found = `Node ${version}, sluice ${packageVersion()}, ${availableParallelism()} processors${zstd}`;
  if (!isOld) return { name: 'node', found };
  return {
    name: 'node',
    found,
    advice: `install Node ${oldest.join('.')} or newer`,
    exitCode: exitCodes.unavailable.code,
  };
}

export function checkKernel(path = packagePath('dist/kernel.wasm')): Finding {
  const name = 'kernel';
  try {
    // Without SIMD it is no valid module.
    if (WebAssembly.validate(readFileSync(path))) return { name, found: 'WebAssembly with SIMD' };
    return {
      name,
      found: 'this Node cannot run it: WebAssembly with SIMD is missing',
      advice: 'use Node for a processor of the last ten years, without --jitless',
      exitCode: exitCodes.unavailable.code,
    };
  } catch {
    return {
      name,
      found: `${path} is missing`,
      advice: 'install sluice anew, or run `npm run build`',
      exitCode: exitCodes.noInput.code,
    };
  }
}

type Screen = { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** None is no fault: in a script there is nothing to draw on. */
export function checkTerminal(
  screen: Screen = process.stdout,
  environment: NodeJS.ProcessEnv = process.env,
  hasKeys: () => boolean = canReadKeys,
): Finding {
  const name = 'terminal';
  if (!screen.isTTY) return { name, found: 'standard output is none: tables are written one after another' };
  const { TERM: term = '', NO_COLOR: noColor, LC_ALL: all, LC_CTYPE: type, LANG: lang = '' } = environment;
  const locale = (all || type || lang).toLowerCase();
  const facts = [
    `${term || 'TERM is not set'}, ${screen.columns ?? 0}×${screen.rows ?? 0}`,
    noColor ? 'no colours (NO_COLOR)' : 'colours',
  ];
  const advice = [
    ...(term === '' || term === 'dumb' ? ['set TERM, for example to xterm-256color, for a live screen'] : []),
    ...(/utf-?8/.test(locale) ? [] : ['set LANG to a UTF-8 locale such as C.UTF-8, for bars and dots']),
    ...((screen.columns ?? 0) < 80 || (screen.rows ?? 0) < 24 ? ['80×24 is the least to see all'] : []),
    ...(hasKeys() ? [] : ['/dev/tty cannot be read: there are no keys']),
  ];
  return { name, found: facts.join(', '), ...(advice.length > 0 && { advice: advice.join('; ') }) };
}

function canReadKeys(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
