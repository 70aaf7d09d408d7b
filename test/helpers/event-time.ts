// Windows on event time as tests make them: the time of a record is its field `t`, in seconds.
import { failOnReject } from '../../src/stage/rejects.ts';
import type { EventTimeOptions } from '../../src/window/arrivals.ts';
import { LateRecords } from '../../src/window/late.ts';
import type { Windowing } from '../../src/window/panes.ts';

/** In milliseconds, as windows and watermarks are. */
export const second = 1000;

export function eventTimeOptions(given: Partial<EventTimeOptions> = {}): EventTimeOptions {
  return {
    time: { field: 't' },
    lateness: 0,
    late: new LateRecords(undefined),
    rejects: failOnReject,
    ...given,
  };
}

/** Size and slide in seconds. */
export function windowing(size: number, slide = size, more: Partial<Windowing> = {}): Windowing {
  return { size: size * second, slide: slide * second, ...more };
}
