import { SluiceError } from '../errors.ts';
import { FurtherPositions } from '../stage/further-positions.ts';
import { findStream, upstreamStream, type EnvelopeStream } from '../stage/further-streams.ts';
import { mergeStreams } from '../stage/merge.ts';
import { shapeOf } from '../state/shape.ts';
import type { MergeStage } from '../stage/stage.ts';
import { unionOrder } from './order.ts';
import { UnionCore } from './union.ts';

export async function unionStage(operands: readonly string[]): Promise<MergeStage> {
  const dashes = operands.filter((operand) => operand === '-').length;
  if (dashes > 1) throw new SluiceError('usage', "'-' is standard input, and there is one only");
  if (operands.length === dashes) {
    const hint = 'name files or named pipes: … | sluice union other.env';
    throw new SluiceError('usage', 'which streams?', hint);
  }
  const openers: ((() => EnvelopeStream) | undefined)[] = [];
  for (const operand of operands) openers.push(operand === '-' ? undefined : await findStream(operand));
  const further = new FurtherPositions();
  return {
    name: 'union',
    role: 'merge',
    shape: shapeOf(operands, {}),
    core: new UnionCore(further),
    needsUpstream: dashes > 0,
    merge(envelopes, hasUpstream) {
      if (!hasUpstream) further.beginWithout();
      const upstream = upstreamStream(further.watch(envelopes));
      const before = hasUpstream && dashes === 0 ? [upstream] : [];
      const named = openers.map((open, index) =>
        open ? further.passOver(open(), before.length + index) : upstream,
      );
      const streams = [...before, ...named];
      return mergeStreams(streams, hasUpstream ? upstream : undefined, {
        order: unionOrder(),
        takesBlocks: true,
      });
    },
  };
}
