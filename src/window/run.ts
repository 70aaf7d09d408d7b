import { parseDuration } from '../command/values.ts';
import { SluiceError } from '../errors.ts';
import { runFilter } from '../stage/run-stage.ts';
import type { WindowSettings } from './command.ts';
import { WindowCore } from './window.ts';

export async function runWindow(settings: WindowSettings, [size]: string[]): Promise<number> {
  if (size === undefined)
    throw new SluiceError('usage', 'how long is a window?', 'give its size: sluice window 30s --slide 10s');
  const milliseconds = parseDuration(size);
  return runFilter('window', new WindowCore({ size: milliseconds, slide: settings.slide ?? milliseconds }));
}
