// What the terminal is good for, and the line on standard error.
import { isTerminal } from '../../stage/stderr.ts';
import type { EmitSettings } from '../command.ts';
import type { Status } from './status.ts';

/** A terminal that understands cursor movement, and has a size: on one without columns no line ever fits. */
export function isScreen(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && stream.columns > 0 && process.env['TERM'] !== 'dumb';
}

export function hasColor(color: EmitSettings['color'], stream: NodeJS.WriteStream): boolean {
  if (color !== 'auto') return color === 'always';
  return stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/** Undefined where standard error is no terminal. */
export async function openStatus(color: EmitSettings['color']): Promise<Status | undefined> {
  if (!isTerminal() || !isScreen(process.stderr)) return undefined;
  const status = await import('./status.ts');
  return status.Status.open(hasColor(color, process.stderr));
}
