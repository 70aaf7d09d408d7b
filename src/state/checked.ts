// What keeps a state file honest: its length and checksum. A file is there whole or not at all, also when the machine goes
// down: written under another name, brought to the disk, renamed, and the folder brought to the disk.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { cannotWrite, messageOf, SluiceError, systemCode } from '../errors.ts';
import { faultPoint } from './fault-points.ts';

/** Raised when what is written changes so that an older sluice could not read it. */
const stateVersion = 1;

/** A file that is not as it was written. */
export class DamagedFile extends Error {}

/**
 * `body` is text, JSON by custom, below a first line with what it is checked by: `tail -n +2 FILE | jq` shows it. Throws
 * SluiceError('inputOutput').
 */
export function writeChecked(path: string, body: string): void {
  const bytes = Buffer.from(body);
  const head = `{"sluice":"state","version":${stateVersion},"bytes":${bytes.length},"crc32":"${checksum(bytes)}"}\n`;
  writeWhole(path, Buffer.concat([Buffer.from(head), bytes]));
}

/** Throws SluiceError('inputOutput'). Nothing of it is left where it fails. */
export function writeWhole(path: string, bytes: Buffer): void {
  const temporary = `${path}.part`;
  try {
    const file = openSync(temporary, 'w');
    try {
      const half = bytes.length >> 1;
      writeAll(file, bytes.subarray(0, half));
      faultPoint('half-written');
      writeAll(file, bytes.subarray(half));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    faultPoint('written');
    renameSync(temporary, path);
    faultPoint('renamed');
    sync(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error);
  }
}

/** All of `bytes`; where the disk is full the system may take some of them. */
export function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** The body of a file that `writeChecked` wrote; undefined where there is none. Throws DamagedFile. */
export function readChecked(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new SluiceError('inputOutput', `cannot read ${path}: ${messageOf(error)}`, undefined, error);
  }
  const headEnd = bytes.indexOf('\n');
  const head = headOf(bytes.subarray(0, Math.max(0, headEnd)).toString('utf8'));
  if (!head) throw new DamagedFile(`${path} is no state file, or its first line is damaged`);
  refuseVersion(path, head.version);
  const body = bytes.subarray(headEnd + 1);
  if (body.length !== head.bytes)
    throw new DamagedFile(`${path} has ${body.length} bytes where there were ${head.bytes}`);
  if (checksum(body) !== head.crc32) throw new DamagedFile(`${path} does not match its checksum`);
  return body.toString('utf8');
}

/** The JSON in a file that `writeChecked` wrote and that can be done without; undefined where it is damaged or not there. */
export function readUndamaged(path: string): unknown {
  try {
    const body = readChecked(path);
    return body === undefined ? undefined : JSON.parse(body);
  } catch (error) {
    if (error instanceof DamagedFile) return undefined;
    throw error;
  }
}

type Head = { readonly version: number; readonly bytes: number; readonly crc32: string };

function headOf(line: string): Head | undefined {
  try {
    const head = JSON.parse(line) as Partial<Head> | null;
    const isHead = typeof head?.version === 'number' && typeof head.bytes === 'number';
    return isHead && typeof head.crc32 === 'string' ? (head as Head) : undefined;
  } catch {
    return undefined;
  }
}

/** State of another version is never silently begun anew. */
function refuseVersion(path: string, version: number): void {
  if (version === stateVersion) return;
  throw new SluiceError(
    'stateMisfit',
    `${path} was written by another sluice: state of version ${version}, this one knows version ${stateVersion}`,
    'go on with the sluice that wrote it, or begin anew with `sluice state reset`',
  );
}

/** A line of JSON object that carries its own checksum as its last member. */
export function checkedLine(text: string): string {
  return `${text.slice(0, -1)},"crc32":"${checksum(Buffer.from(text))}"}\n`;
}

/** The object in a line that `checkedLine` wrote, or undefined where it is damaged. */
export function parseCheckedLine(line: string): Record<string, unknown> | undefined {
  const [, start, crc] = /^(.*),"crc32":"([0-9a-f]{8})"\}$/s.exec(line) ?? [];
  if (start === undefined || checksum(Buffer.from(`${start}}`)) !== crc) return undefined;
  return JSON.parse(`${start}}`) as Record<string, unknown>;
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** Brings a file to the disk, whoever wrote it, or a folder, without which the name of a new file could be lost in a crash. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
