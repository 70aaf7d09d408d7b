// Markdown whose `sh` blocks are run as they stand; a `text` block behind one is what it has to print.

export type Block = {
  readonly script: string;
  readonly output: string | undefined;
  readonly isLive: boolean;
};

export function blocksOf(markdown: string): Block[] {
  return Array.from(
    markdown.matchAll(/(<!-- live -->\s+)?```sh\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g),
    ([, live, script = '', output]) => ({ script, output, isLive: live !== undefined }),
  );
}
