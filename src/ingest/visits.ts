// In which order batches were read from their sources.
import type { Position } from '../envelope/envelope.ts';
import type { LoggedBatch } from '../state/offsets-log.ts';

export type Visit = { readonly id: string; readonly from: Position; readonly until: Position };

/** The visits that batches paid to their sources, in order. Only the last can end within a region of lines. */
export function visitsOf(batches: readonly LoggedBatch[]): Visit[] {
  const visits: Visit[] = [];
  for (const { offsets, order } of batches) {
    const stand = new Map(Object.entries(offsets).map(([id, { from }]) => [id, from]));
    const ends = order ?? Object.entries(offsets).map(([id, { until }]) => [id, until.offset] as const);
    for (const [index, [id, end]] of ends.entries()) {
      const range = offsets[id];
      const from = stand.get(id);
      if (!range || !from) continue;
      const isLast = !ends.slice(index + 1).some(([other]) => other === id);
      const { skip: _, ...place } = from;
      const until = isLast ? range.until : { ...place, offset: end };
      stand.set(id, until);
      const before = visits.at(-1);
      if (before?.id === id) visits[visits.length - 1] = { ...before, until };
      else visits.push({ id, from, until });
    }
  }
  return visits;
}
