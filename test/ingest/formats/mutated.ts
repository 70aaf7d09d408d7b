// Lines damaged at random, with a seed.

/** What breaks scanners: their delimiters, halves of escapes, bytes that are no UTF-8. */
const pieces = [
  '"',
  '\\',
  '\\x',
  '\\x2',
  '\\u',
  '\\u00',
  '[',
  ']',
  ' ',
  '  ',
  ', ',
  ' : ',
  '-',
  '=',
  ',',
  '\t',
  '\0',
  '\r',
  '<',
  '>',
  '{',
  '""',
  'é',
  '9'.repeat(40),
  '1e999',
].map((text) => Buffer.from(text));
pieces.push(Buffer.from([0xff]), Buffer.from([0xe2, 0x98]), Buffer.from([0xc3]));

export function mutated(line: Buffer, random: (below: number) => number): Buffer {
  let bytes = line;
  for (let times = random(4); times >= 0; times -= 1) {
    const at = random(bytes.length + 1);
    const until = at + random(6);
    const piece = pieces[random(pieces.length)] as Buffer;
    const kind = random(5);
    if (kind === 0) bytes = bytes.subarray(0, at);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)]);
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(bytes.length + 1))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(kind === 3 ? at : until)]);
  }
  return Buffer.from(bytes.filter((byte) => byte !== 0x0a));
}

export function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
