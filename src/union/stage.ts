import { SluiceError } from '../errors.ts';
import { findStream, upstreamStream, type EnvelopeStream } from '../stage/further-streams.ts';
import { mergeStreams } from '../stage/merge.ts';
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
  return {
    name: 'union',
    role: 'merge',
    core: new UnionCore(),
    needsUpstream: dashes > 0,
    merge(envelopes, hasUpstream) {
      const upstream = upstreamStream(envelopes);
      const named = openers.map((open) => open?.() ?? upstream);
      const streams = hasUpstream && dashes === 0 ? [upstream, ...named] : named;
      return mergeStreams(streams, hasUpstream ? upstream : undefined, {
        order: unionOrder(),
        takesBlocks: true,
      });
    },
  };
}
