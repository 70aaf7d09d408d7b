// Where a log went that is not at its path any more: it was renamed, copied, or packed, and has a name beside the old one.
import { basename, dirname, extname, join } from 'node:path';
import { readdir, regularFile, type Found } from './file-system.ts';
import { hasHead, headAt, isSameInode, type FileIdentity } from './identity.ts';

/** The file of this identity, wherever it is by now, with `offset` bytes that were read of it; undefined where it is gone. */
export async function findFile(known: FileIdentity, offset: number): Promise<Found | undefined> {
  const paths = [...new Set([known.path, known.target])];
  const atPath = await Promise.all(paths.map(regularFile));
  const beside = await Promise.all(paths.map(siblingsOf));
  const files = [...atPath, ...beside.flat()].filter((file) => file !== undefined);
  const same = files.filter(({ status }) => isSameInode(known, status));
  // A copy has another inode. Without a head, any file would do.
  const copies = known.headLength > 0 ? beside.flat() : [];
  for (const file of [...same, ...copies]) {
    const { head, isPacked } = await headAt(file.path);
    if ((isPacked || file.status.size >= offset) && hasHead(head, known)) return file;
  }
  return undefined;
}

/** What was a log of the name `path` and was rotated away, oldest first. */
export async function rotatedFrom(path: string): Promise<Found[]> {
  const name = basename(path);
  return (await siblingsOf(path)).filter((file) => isRotated(basename(file.path), name)).sort(byAge);
}

/** `app.log.1`, `app.log-20260301.gz`, `app-2026-03-01.log`: numbers and dates, not `app.log.bak`. */
function isRotated(name: string, base: string): boolean {
  const plain = name.replace(/\.gz$/, '');
  const { stem, ending } = partsOf(base);
  const isDated = (rest: string): boolean => /^[-._]\d[-\dTZ:._]*$/.test(rest);
  if (plain.startsWith(base) && isDated(plain.slice(base.length))) return true;
  if (!plain.startsWith(stem) || !plain.endsWith(ending)) return false;
  return isDated(plain.slice(stem.length, plain.length - ending.length));
}

/**
 * By their names where those are alike: `app.log.2` is older than `app.log.1`, a date than a later one. What packs a file may
 * round its time.
 */
function byAge(one: Found, other: Found): number {
  const [first, second] = [one, other].map(({ path }) => {
    const plain = path.replace(/\.gz$/, '');
    return { plain, number: /\.(\d{1,4})$/.exec(plain)?.[1] };
  });
  if (first?.number !== undefined && second?.number !== undefined)
    return Number(second.number) - Number(first.number);
  if (first?.number === undefined && second?.number === undefined)
    return (first?.plain ?? '') < (second?.plain ?? '') ? -1 : 1;
  return one.status.mtimeMs - other.status.mtimeMs;
}

/** Device and inode of the file at a path and of those beside it. */
export async function inodesBeside(path: string): Promise<Set<string>> {
  const files = [await regularFile(path), ...(await siblingsOf(path))];
  return new Set(files.map((file) => `${file?.status.dev} ${file?.status.ino}`));
}

/** The other files in the folder whose names begin as this one's. */
async function siblingsOf(path: string): Promise<Found[]> {
  const name = basename(path);
  const { stem } = partsOf(name);
  const names = await readdir(dirname(path)).catch(() => []);
  const likely = names.filter(
    (other) =>
      other !== name &&
      (other.startsWith(name) || (other.startsWith(stem) && /[-._]/.test(other[stem.length] ?? ''))),
  );
  const found = await Promise.all(likely.map((other) => regularFile(join(dirname(path), other))));
  return found.filter((file) => file !== undefined);
}

function partsOf(name: string): { stem: string; ending: string } {
  const ending = extname(name);
  return { stem: name.slice(0, name.length - ending.length), ending };
}
