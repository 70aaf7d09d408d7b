// The pages in man/ are golden files of the option tables: this test finds drift, and `npm run man` writes them.
import remarkGfm from 'remark-gfm';
import remarkMan from 'remark-man';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { expect, test } from 'vitest';
import { loadAllCommands } from '../../src/commands.ts';
import { manualPages } from '../../src/man/manual.ts';

const pages = manualPages(await loadAllCommands());

test.each(pages)('man/$name.$section is what the option tables say', async ({ name, section, markdown }) => {
  const roff = await unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkMan, { manual: 'sluice', date: new Date(0), version: '' })
    .process(markdown);
  // remark-man dates its pages; a page that changes every month could not be compared.
  const dated = String(roff).replace(/^(\.TH "[^"]*" "[^"]*") "[^"]*"/m, '$1 ""');
  await expect(dated).toMatchFileSnapshot(`../../man/${name}.${section}`);
});
