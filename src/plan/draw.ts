// Trees as lines of text: what follows one after the other stands below it, branches are drawn.

export type Drawn = { readonly name: string; readonly does: string; readonly next: readonly Drawn[] };

type Line = { readonly name: string; readonly does: string };

/** A line a node, with what it does beside it; an empty one between trees. */
export function drawTrees(trees: readonly Drawn[]): string {
  const drawn = trees.map((tree) => linesOf(tree));
  const width = Math.max(...drawn.flat().map(({ name }) => name.length));
  return drawn
    .map((lines) => lines.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}\n`).join(''))
    .join('\n');
}

function linesOf({ name, does, next }: Drawn): Line[] {
  const [only] = next;
  if (only && next.length === 1) return [{ name, does }, ...linesOf(only)];
  const branches = next.flatMap((branch, index) => {
    const isLast = index === next.length - 1;
    return indented(linesOf(branch), isLast ? ['└─ ', '   '] : ['├─ ', '│  ']);
  });
  return [{ name, does }, ...branches];
}

function indented(lines: readonly Line[], [first, others]: readonly [string, string]): Line[] {
  return lines.map(({ name, does }, index) => ({ name: `${index === 0 ? first : others}${name}`, does }));
}
