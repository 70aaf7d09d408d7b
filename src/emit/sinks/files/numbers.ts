// Files that follow one another: `404.ndjson.gz` is written as `404-0001.ndjson.gz`, `404-0002.ndjson.gz`, …

/** Where the ending of a name begins. */
function endingOf(path: string): number {
  const slash = path.lastIndexOf('/');
  const ending = /(?:\.[A-Za-z0-9]{1,8}){0,2}$/.exec(path.slice(slash + 2));
  return path.length - (ending?.[0].length ?? 0);
}

export function numbered(path: string, number: number): string {
  const at = endingOf(path);
  return `${path.slice(0, at)}-${String(number).padStart(4, '0')}${path.slice(at)}`;
}

/** The number that makes `name` of `template`; undefined where none does. */
export function numberIn(template: string, name: string): number | undefined {
  const at = endingOf(template);
  const [beginning, ending] = [`${template.slice(0, at)}-`, template.slice(at)];
  if (!name.startsWith(beginning) || !name.endsWith(ending)) return undefined;
  const digits = name.slice(beginning.length, name.length - ending.length);
  return /^\d{4,15}$/.test(digits) ? Number(digits) : undefined;
}
