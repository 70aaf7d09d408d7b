// The groups of a kernel's table under numbers that stay the same, though the table numbers them anew when groups leave.

export class Owners {
  /** Undefined as long as an owner's number is its group's. */
  #ofGroups: Uint32Array | undefined;
  #known = 0;
  /** Given to groups that have left. */
  #free: number[] = [];

  of(group: number): number {
    if (!this.#ofGroups) return group;
    if (group >= this.#known) this.#name(this.#ofGroups, group + 1);
    return this.#ofGroups[group] as number;
  }

  /** Of each of these, as a copy. */
  ofAll(groups: Uint32Array): Uint32Array {
    return this.#ofGroups ? groups.map((group) => this.of(group)) : groups.slice();
  }

  /** `before`: what the groups that are left were numbered. */
  renumber(before: Uint32Array): void {
    const owners = new Uint32Array(before.length);
    let end = 0;
    for (let group = 0; group < before.length; group += 1) {
      const owner = this.of(before[group] as number);
      owners[group] = owner;
      if (owner >= end) end = owner + 1;
    }
    const isTaken = new Uint8Array(end);
    for (const owner of owners) isTaken[owner] = 1;
    this.#ofGroups = owners;
    this.#known = owners.length;
    this.#free = [];
    for (let owner = 0; owner < end; owner += 1) if (isTaken[owner] === 0) this.#free.push(owner);
  }

  #name(ofGroups: Uint32Array, known: number): void {
    let owners = ofGroups;
    if (known > owners.length) {
      owners = new Uint32Array(2 * known);
      owners.set(ofGroups);
    }
    // Where none is free, those that are taken are the first.
    for (; this.#known < known; this.#known += 1) owners[this.#known] = this.#free.pop() ?? this.#known;
    this.#ofGroups = owners;
  }
}
