import { SluiceError } from '../errors.ts';
import { checkCapacity, keyFields } from '../join/key.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import { shapeOf } from '../state/shape.ts';
import type { FilterStage } from '../stage/stage.ts';
import { compileTime } from '../time/time-of.ts';
import { LateRecords } from '../window/late.ts';
import { timeSpec } from '../window/plan.ts';
import type { DedupSettings } from './command.ts';
import { DedupCore } from './dedup.ts';

export function dedupStage(settings: DedupSettings): FilterStage {
  const { by, within, maxKeys } = settings;
  checkSettings(settings);
  const rejects = new RejectPolicy('dedup', settings);
  const late = new LateRecords(settings.late, 'dedup', '--within');
  const forgetting = within !== undefined && { within, time: compileTime(timeSpec(settings)), late };
  const core = new DedupCore(
    { keys: keyFields('by', by), maxKeys, ...(forgetting && { forgetting }) },
    rejects,
  );
  return {
    name: 'dedup',
    role: 'filter',
    shape: shapeOf([], { by, within: within !== undefined }),
    core,
    closing: () => rejects.closing(late.warnings()),
  };
}

function checkSettings({ by, within, time, timeFormat, late, maxKeys }: DedupSettings): void {
  checkCapacity('max-keys', maxKeys);
  if (by.length === 0)
    throw new SluiceError(
      'usage',
      'what makes two records the same?',
      'name the fields: sluice dedup --by id',
    );
  if ((within === undefined) !== (time === undefined)) {
    const [has, needs] = within === undefined ? ['--time', '--within 10m'] : ['--within', '--time at'];
    throw new SluiceError('usage', `${has} alone says too little`, `add ${needs}`);
  }
  const needTime = { '--time-format': timeFormat, '--late': late };
  for (const [option, value] of Object.entries(needTime))
    if (value !== undefined && time === undefined)
      throw new SluiceError(
        'usage',
        `${option} needs --time`,
        "it is about the records' own times: --time FIELD --within 10m",
      );
}
