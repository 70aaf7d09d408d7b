// Which part of a record is its time, and how that is read: what `--time`, `--time-format` and `--tz` say, as a function.
import { SluiceError } from '../errors.ts';
import type { TimeSpec } from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { compileField, type Field } from '../record/field.ts';
import { epochInteger, epochNumber } from './epoch.ts';
import { compileFormat } from './format.ts';
import { parseStamp } from './stamps.ts';
import { zoneNamed, type Zone } from './zone.ts';

/**
 * Epoch milliseconds of a record's time, or, as text, why it has none that can be read. `now`, in epoch milliseconds,
 * tells the year of a stamp without one; nothing else depends on it.
 */
export type TimeOf = (record: Json, now: number) => number | string;

/** The zone is UTC where none is given. Throws SluiceError('usage') for a format or zone that does not exist. */
export function compileTime(spec: TimeSpec): TimeOf {
  const field = timeField(spec.field);
  const read = compileReader(spec);
  return (record, now) => {
    const value = field(record);
    if (value === undefined || value === null) return `it has no ${spec.field}, which is its time`;
    const time = read(value, now);
    return Number.isNaN(time) ? unreadable(spec, value) : time;
  };
}

/** Epoch milliseconds of a field's value, NaN where it is no time. */
export type TimeReader = (value: Json, now: number) => number;

export function compileReader({ format, zone: zoneName }: TimeSpec): TimeReader {
  const zone: Zone = zoneNamed(zoneName ?? 'UTC');
  if (format !== undefined) {
    const parse = compileFormat(format);
    return (value, now) => {
      const isOne = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
      return isOne ? parse(String(value), zone, now) : Number.NaN;
    };
  }
  return (value, now) => {
    if (typeof value === 'string') return parseStamp(value, zone, now);
    if (typeof value === 'number') return epochNumber(value);
    return typeof value === 'bigint' ? epochInteger(value) : Number.NaN;
  };
}

/** The columns of `'$4 $5'`: a stamp with spaces in it is several of a line's columns. */
export function columnsOf(field: string): readonly number[] | undefined {
  return /^\$\d+( \$\d+)*$/.test(field)
    ? field.split(' ').map((column) => Number(column.slice(1)))
    : undefined;
}

function timeField(name: string): Field {
  if (name === '')
    throw new SluiceError('usage', '--time names no field', "as in --time ts, or --time '$4 $5'");
  if (!name.includes(' ') || !columnsOf(name)) return compileField(name);
  const fields = name.split(' ').map(compileField);
  return (record) => {
    const texts = fields.map((field) => field(record));
    return texts.every((text) => typeof text === 'string') ? texts.join(' ') : undefined;
  };
}

function unreadable({ field, format }: TimeSpec, value: Json): string {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : typeName(value);
  return format === undefined
    ? `its ${field} is no time that is known without --time-format: ${shown}`
    : `its ${field} is not like ${format}: ${shown}`;
}

function typeName(value: Json): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : String(value);
}
