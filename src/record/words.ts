// Hot path. Words: what stands between ASCII white space (space, \t, \n, \v, \f, \r). Other white space, such as
// U+00A0, is part of a word.

const space = 0x20;

function isSpace(unit: number): boolean {
  return unit === space || (unit >= 0x09 && unit <= 0x0d);
}

export function splitWords(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at < text.length; at += 1) {
    if (isSpace(text.charCodeAt(at))) {
      if (start !== -1) words.push(text.slice(start, at));
      start = -1;
    } else if (start === -1) start = at;
  }
  if (start !== -1) words.push(text.slice(start));
  return words;
}
