// Every kind of source, the first that matches an operand wins. Order = order in the man page.
import type { Source, SourceKind } from './source.ts';
import { fileSource } from './file.ts';
import { standardInputSource } from './standard-input.ts';

export const sourceKinds: readonly SourceKind[] = [standardInputSource, fileSource];

/** All sources that the operands name, in order; standard input where there are none. */
export async function openSources(operands: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    const kind = sourceKinds.find(({ matches }) => matches(operand)) ?? fileSource;
    sources.push(...(await kind.open(operand)));
  }
  return sources;
}
