// A table's bytes as text, for files that people can look at.

export function bytesToText(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('base64');
}

export function textToBytes(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
