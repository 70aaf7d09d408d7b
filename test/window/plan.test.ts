import { describe, expect, test } from 'vitest';
import { parsePlain } from '../../src/command/parse.ts';
import { windowCommand, type WindowSettings } from '../../src/window/command.ts';
import { planWindow, type WindowPlan } from '../../src/window/plan.ts';
import type { StageCommand } from '../../src/command/command.ts';
import { failureOf } from '../helpers/envelopes.ts';

function plan(line: string): WindowPlan {
  const invocation = parsePlain(windowCommand as unknown as StageCommand, line === '' ? [] : line.split(' '));
  if (!invocation) throw new Error(`not plain: ${line}`);
  return planWindow(invocation.settings as WindowSettings, invocation.operands[0]);
}

describe('what was typed', () => {
  test.each([
    ['30s', { by: 'batch', windowing: { size: 30_000, slide: 30_000, offset: 0 } }],
    [
      '30s --slide 10s --offset 5s',
      { by: 'batch', windowing: { size: 30_000, slide: 10_000, offset: 5000 } },
    ],
    ['--records 10', { by: 'records', windowing: { size: 10, slide: 10 } }],
    ['--records 10 --slide 2', { by: 'records', windowing: { size: 10, slide: 2 } }],
    [
      '30s --time ts',
      { by: 'time', windowing: { size: 30_000, slide: 30_000, offset: 0 }, time: { field: 'ts' } },
    ],
    [
      '1h --time ts --tz Europe/Berlin --time-format %s',
      {
        by: 'time',
        windowing: { size: 3_600_000, slide: 3_600_000, offset: 0 },
        time: { field: 'ts', format: '%s', zone: 'Europe/Berlin' },
      },
    ],
    ['--session 30m --time ts', { by: 'session', gap: 1_800_000, time: { field: 'ts' } }],
  ])('%s', (line, expected) => expect(plan(line)).toEqual(expected));

  test.each([
    ['1d --time ts --tz Europe/Berlin', 'Europe/Berlin'],
    ['7d --slide 1d --time ts --tz Europe/Berlin', 'Europe/Berlin'],
    ['1d --slide 1h --time ts --tz Europe/Berlin', undefined],
    ['12h --time ts --tz Europe/Berlin', undefined],
    ['1d --time ts', undefined],
  ])('%s aligns to midnight in %s', (line, zone) => {
    const made = plan(line);
    expect(made.by === 'time' && made.windowing.zone?.name).toBe(zone);
  });
});

describe('refused', () => {
  test.each([
    ['', 'usage: how long is a window?'],
    ['30', "usage: '30' is no duration"],
    ['30s --records 10', 'usage: a window has one size'],
    ['30s --session 10s --time ts', 'usage: a window has one size'],
    ['--session 10s', 'usage: --session needs --time'],
    ['--session 10s --slide 5s --time ts', 'usage: --slide does not go with --session'],
    ['--session 10s --offset 5s --time ts', 'usage: --offset does not go with --session'],
    ['--records 10 --time ts', 'usage: --time does not go with --records'],
    ['--records 10 --offset 5s', 'usage: --offset does not go with --records'],
    ['--records 10 --slide 5s', 'usage: --slide is a duration, and the window is so many records'],
    ['30s --slide 10', "usage: --slide: '10' is no duration"],
    ['30s --lateness 5s', 'usage: --lateness needs --time'],
    ['30s --late late.ndjson', 'usage: --late needs --time'],
    ['30s --tz Europe/Berlin', 'usage: --tz needs --time'],
    ['30s --time-format %s', 'usage: --time-format needs --time'],
    ['30s --idle-timeout 5s', 'usage: --idle-timeout needs --time'],
    ['30s --max-skew 5s', 'usage: --max-skew needs --time'],
    ['30s --time ts --tz Nowhere', "usage: there is no time zone 'Nowhere'"],
  ])('%s', (line, message) => expect(failureOf(() => plan(line))).toBe(message));
});
