// Every kind of source, the first that matches an operand wins. Order = order in the man page.
import { refuseAddress } from '../../address.ts';
import type { Source, SourceKind } from './source.ts';
import { fileSource } from './file.ts';
import { folderSource } from './folder.ts';
import { standardInputSource } from './standard-input.ts';

export const sourceKinds: readonly SourceKind[] = [standardInputSource, folderSource, fileSource];

export type Operand = { readonly text: string; readonly kind: SourceKind };

/** Standard input where there are none. Throws SluiceError('usage'). */
export function operandsOf(texts: readonly string[]): Operand[] {
  return (texts.length === 0 ? ['-'] : texts).map((text) => {
    refuseAddress(text, 'source');
    return { text, kind: sourceKinds.find(({ matches }) => matches(text)) ?? fileSource };
  });
}

/** All sources that the operands name, in order. */
export async function openSources(operands: readonly Operand[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const { text, kind } of operands) sources.push(...(await kind.open(text)));
  return sources;
}
