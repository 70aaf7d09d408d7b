// What of a command line a stage's state depends on, as a user would type it: where it changes, the state does not fit.
import { formatDuration } from '../command/values.ts';

/** `settings` are those that count, by the names of their options; what is not given is left out. */
export function shapeOf(operands: readonly string[], settings: Readonly<Record<string, unknown>>): string {
  const options = Object.entries(settings).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => optionText(name, one)),
  );
  return [...operands.map(quoted), ...options].join(' ');
}

function optionText(name: string, value: unknown): string[] {
  if (value === undefined || value === false || value === null) return [];
  return value === true ? [`--${name}`] : [`--${name} ${quoted(textOf(value))}`];
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { milliseconds, records } = value as { milliseconds?: number; records?: number };
  return milliseconds === undefined ? String(records) : formatDuration(milliseconds);
}

function quoted(word: string): string {
  return /^[\w.,:/@%+=~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
