// Which member of a group reads which partitions: even shares, and as few as possible change hands.

export type Claim = { readonly member: string; readonly owned: readonly string[] };

/** `claims` are what members had so far. Returns, for each member, the partitions of `all` that it gets. */
export function assign(claims: readonly Claim[], all: readonly string[]): Map<string, string[]> {
  const members = claims.toSorted((one, other) => (one.member < other.member ? -1 : 1));
  const least = Math.floor(all.length / members.length);
  let larger = all.length % members.length;
  const free = new Set(all);
  const shares = new Map<string, string[]>(members.map(({ member }) => [member, []]));
  // Who has most keeps one more where shares cannot be even.
  for (const { member, owned } of members.toSorted((one, other) => other.owned.length - one.owned.length)) {
    const kept = owned.filter((key) => free.has(key));
    const size = least + (larger > 0 && kept.length > least ? 1 : 0);
    if (size > least) larger -= 1;
    for (const key of kept.slice(0, size)) {
      free.delete(key);
      shares.get(member)?.push(key);
    }
  }
  for (const key of free) {
    const [smallest] = [...shares.values()].toSorted((one, other) => one.length - other.length);
    smallest?.push(key);
  }
  return shares;
}
