// How many columns a text takes on a terminal. Plain ASCII, by far the most, needs no library; string-width knows the
// rest (wide characters, emoji, combining marks) and is loaded when there is some, since it slows down the start.
import { importModule } from '../../package.ts';

let measure: ((text: string) => number) | undefined;

const plain = /^[\u0020-\u007e]*$/;

/** Has to be awaited before displayWidth is asked about `texts`. */
export async function prepareWidths(texts: readonly string[]): Promise<void> {
  if (measure || texts.every((text) => plain.test(text))) return;
  measure = (await importModule<typeof import('string-width')>('string-width')).default;
}

export function displayWidth(text: string): number {
  return plain.test(text) || !measure ? text.length : measure(text);
}
