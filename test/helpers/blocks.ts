// Markdown whose `sh` blocks are run as they stand; a `text` block behind one is what it has to print. A comment in front says
// what one needs: `<!-- live -->` does not end by itself, `<!-- kafka -->` wants a broker, `<!-- socket -->` the other end of one.

export type Block = {
  readonly script: string;
  readonly output: string | undefined;
  readonly marks: readonly string[];
};

export function blocksOf(markdown: string): Block[] {
  return Array.from(
    markdown.matchAll(/(?:<!-- ([a-z ]+) -->\s+)?```sh\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g),
    ([, marks = '', script = '', output]) => ({ script, output, marks: marks.split(' ').filter(Boolean) }),
  );
}
