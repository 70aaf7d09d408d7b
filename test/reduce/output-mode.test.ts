import { expect, test } from 'vitest';
import { outputModeFrom, type ModeSettings } from '../../src/reduce/output-mode.ts';
import { failureOf } from '../helpers/envelopes.ts';

const nothing: ModeSettings = {
  running: false,
  mode: undefined,
  emit: undefined,
  ttl: undefined,
  initial: undefined,
};

test.each<[Partial<ModeSettings>, string]>([
  [{}, 'append'],
  [{ mode: 'complete' }, 'complete'],
  [{ running: true }, 'complete'],
  [{ running: true, emit: 'all' }, 'complete'],
  [{ running: true, emit: 'changed' }, 'update'],
  [{ running: true, mode: 'update' }, 'update'],
  [{ running: true, mode: 'update', emit: 'changed', ttl: 1, initial: 'a' }, 'update'],
])('%o is %s', (settings, mode) => {
  expect(outputModeFrom({ ...nothing, ...settings })).toBe(mode);
});

test.each<[Partial<ModeSettings>, string]>([
  [{ emit: 'all' }, 'usage: --emit is for --running'],
  [{ ttl: 1 }, 'usage: --ttl is for --running'],
  [{ initial: 'a' }, 'usage: --initial is for --running'],
  [{ running: true, mode: 'append' }, 'usage: --mode append does not go with --running'],
  [
    { running: true, mode: 'update', emit: 'all' },
    'usage: --emit all is --mode complete, and there is --mode update as well',
  ],
])('%o is refused', (settings, why) => {
  expect(failureOf(() => outputModeFrom({ ...nothing, ...settings }))).toBe(why);
});
