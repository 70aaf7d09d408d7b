// What was typed → which kind of windows, checked as a whole before the first byte.
import { parseDuration } from '../command/values.ts';
import type { TimeSpec } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { utc, zoneNamed, type Zone } from '../time/zone.ts';
import type { WindowSettings } from './command.ts';
import type { Windowing } from './panes.ts';

export type WindowPlan =
  | { readonly by: 'batch'; readonly windowing: Windowing }
  | { readonly by: 'records'; readonly windowing: Windowing }
  | { readonly by: 'time'; readonly windowing: Windowing; readonly time: TimeSpec }
  | { readonly by: 'session'; readonly gap: number; readonly time: TimeSpec };

const dayLength = 86_400_000;

/** Throws SluiceError('usage'). */
export function planWindow(settings: WindowSettings, size: string | undefined): WindowPlan {
  const { session, records } = settings;
  checkSize(settings, size);
  checkTimeOptions(settings);
  if (records !== undefined)
    return { by: 'records', windowing: { size: records, slide: slideIn('records', settings) ?? records } };
  if (session !== undefined) return { by: 'session', gap: session, time: timeSpec(settings) };
  const length = parseDuration(size ?? '');
  const slide = slideIn('milliseconds', settings) ?? length;
  const windowing = { size: length, slide, offset: settings.offset };
  if (settings.time === undefined) return { by: 'batch', windowing };
  const zone = zoneNamed(settings.tz);
  const isOfDays = length % dayLength === 0 && slide % dayLength === 0;
  return {
    by: 'time',
    windowing: { ...windowing, ...(isOfDays && zone !== utc && { zone }) },
    time: timeSpec(settings),
  };
}

function checkSize(
  { session, records, slide, time, offset }: WindowSettings,
  size: string | undefined,
): void {
  const given = [size, session, records].filter((way) => way !== undefined).length;
  if (given === 0) throw usage('how long is a window?', 'give its size: sluice window 30s --slide 10s');
  if (given > 1)
    throw usage('a window has one size', 'give one of: a duration such as 30s, --session GAP, --records N');
  if (session !== undefined && time === undefined)
    throw usage(
      '--session needs --time',
      "sessions are made of the records' own times: sluice window --session 30m --time ts",
    );
  if (session !== undefined && slide !== undefined)
    throw usage('--slide does not go with --session', 'sessions begin and end where the records do');
  if (records !== undefined && time !== undefined)
    throw usage('--time does not go with --records', 'records are counted in the order in which they come');
  if (offset > 0 && (records ?? session) !== undefined)
    throw usage(
      `--offset does not go with ${records === undefined ? '--session' : '--records'}`,
      'it moves the edges of windows on time',
    );
}

/** Options that mean something for event time only. */
function checkTimeOptions(settings: WindowSettings): void {
  if (settings.time !== undefined) return;
  const given = {
    '--time-format': settings.timeFormat !== undefined,
    '--tz': settings.tz !== 'UTC',
    '--lateness': settings.lateness > 0,
    '--late': settings.late !== undefined,
    '--idle-timeout': settings.idleTimeout !== undefined,
    '--max-skew': settings.maxSkew !== undefined,
  };
  for (const [option, isGiven] of Object.entries(given))
    if (isGiven) throw usage(`${option} needs --time`, "it is about the records' own times: --time FIELD");
}

function slideIn(unit: 'records' | 'milliseconds', { slide }: WindowSettings): number | undefined {
  if (slide === undefined) return undefined;
  if (unit === 'records' && 'records' in slide) return slide.records;
  if (unit === 'milliseconds' && 'milliseconds' in slide) return slide.milliseconds;
  throw unit === 'records'
    ? usage(
        '--slide is a duration, and the window is so many records',
        'give a number of records, such as --slide 10',
      )
    : usage(
        `--slide: '${'records' in slide ? slide.records : ''}' is no duration`,
        'write it with its unit: 500ms, 10s, 5m, 1h30m, 1d',
      );
}

/** The zone by its own name, so that `local` means the same in every process. */
export function timeSpec({
  time = '',
  timeFormat,
  tz,
}: Pick<WindowSettings, 'time' | 'timeFormat' | 'tz'>): TimeSpec {
  const zone: Zone = zoneNamed(tz);
  return {
    field: time,
    ...(timeFormat !== undefined && { format: timeFormat }),
    ...(zone !== utc && { zone: zone.name }),
  };
}

function usage(problem: string, hint: string): SluiceError {
  return new SluiceError('usage', problem, hint);
}
