import { SluiceError } from '../errors.ts';
import { FurtherPositions } from '../stage/further-positions.ts';
import { findStream, upstreamStream } from '../stage/further-streams.ts';
import { mergeStreams } from '../stage/merge.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import { shapeOf } from '../state/shape.ts';
import type { MergeStage } from '../stage/stage.ts';
import { compileTime } from '../time/time-of.ts';
import { LateRecords } from '../window/late.ts';
import { timeSpec } from '../window/plan.ts';
import type { JoinSettings } from './command.ts';
import { JoinCore } from './join.ts';
import { checkCapacity, joinKeys } from './key.ts';
import { joinOrder } from './order.ts';
import type { InputPlan } from './read.ts';

export async function joinStage(settings: JoinSettings): Promise<MergeStage> {
  const { type } = settings;
  if (type === 'semi' || type === 'anti')
    throw new SluiceError(
      'usage',
      `--type ${type} is for a table: sluice join users.csv --on user --type ${type}`,
      'two streams take inner, left, right or full',
    );
  const path = given(settings.with, 'which stream is the other one?', '--with clicks.env');
  const time = given(settings.time, 'when does a record happen?', '--time at');
  const within = given(settings.within, 'how far apart may partners be?', '--within 10m');
  if (path === '-') {
    const hint = 'name a file or a named pipe, for example: sluice join --with clicks.env …';
    throw new SluiceError('usage', "--with cannot be '-': standard input is the left stream", hint);
  }
  const [keys, withKeys] = joinKeys(settings, howToSay('--on user'));
  const { lateness, idleTimeout, prefix, maxHeld, partSize, tz } = settings;
  const rightTime = {
    time: settings.withTime ?? time,
    timeFormat: settings.withTimeFormat ?? settings.timeFormat,
    tz,
  };
  const left: InputPlan = { keys, time: compileTime(timeSpec({ ...settings, time })) };
  const right: InputPlan = { keys: withKeys, time: compileTime(timeSpec(rightTime)), name: path };
  checkCapacity('max-held', maxHeld);
  const rejects = new RejectPolicy('join', settings);
  const late = new LateRecords(settings.late, 'join');
  const plan = { type, inputs: [left, right] as const, within, lateness, idleTimeout, prefix, maxHeld };
  const further = new FurtherPositions();
  const core = new JoinCore(plan, { partSize, late, rejects, further });
  const open = await findStream(path);
  return {
    name: 'join',
    role: 'merge',
    shape: shapeOf([], {
      with: path,
      on: settings.on,
      'with-on': settings.withOn,
      time,
      'with-time': settings.withTime,
      type,
      prefix,
    }),
    core,
    needsUpstream: true,
    merge(upstream) {
      const first = upstreamStream(further.watch(upstream));
      const second = further.passOver(open(), 1);
      return mergeStreams([first, second], first, { order: joinOrder, takesBlocks: false });
    },
    closing() {
      const { warnings, isAboveLimit } = rejects.closing();
      return { warnings: [...late.warnings(), ...warnings], isAboveLimit };
    },
  };
}

function given<Value>(value: Value | undefined, question: string, example: string): Value {
  if (value !== undefined) return value;
  throw new SluiceError('usage', question, howToSay(example));
}

function howToSay(example: string): string {
  return `say it with ${example}, as in: sluice join --with clicks.env --on user --within 10m --time at`;
}
