// The head of a table as bytes, as assembly/merge.ts has it.

export const magic = 0x314b4c53;
export const headBytes = 16;

/** Throws RangeError where these are no table with as many values, or not all of it. */
export function readHead(
  bytes: ArrayBuffer,
  values: number,
): { readonly rows: number; readonly hasOverflow: boolean } {
  const data = new DataView(bytes);
  const isTable =
    bytes.byteLength >= headBytes &&
    data.getUint32(0, true) === magic &&
    data.getUint32(4, true) === values &&
    bytes.byteLength - headBytes >= data.getUint32(8, true) * (12 + values * 40);
  if (!isTable) throw new RangeError('These bytes are no exported table with as many values');
  return { rows: data.getUint32(8, true), hasOverflow: data.getUint32(12, true) !== 0 };
}
