import { parseDuration } from '../command/values.ts';
import { SluiceError } from '../errors.ts';
import type { FilterStage } from '../stage/stage.ts';
import type { WindowSettings } from './command.ts';
import { WindowCore } from './window.ts';

export function windowStage(settings: WindowSettings, [size]: string[]): FilterStage {
  if (size === undefined)
    throw new SluiceError('usage', 'how long is a window?', 'give its size: sluice window 30s --slide 10s');
  const milliseconds = parseDuration(size);
  return {
    name: 'window',
    role: 'filter',
    core: new WindowCore({ size: milliseconds, slide: settings.slide ?? milliseconds }),
  };
}
