// Errors that a user can do something about. They carry the exit code's name and, where there is one, what to
// do next. Whatever else is thrown is a bug of ours and keeps its stack.
import { dirname } from 'node:path';
import { exitCodes, type ExitName } from './exit-codes.ts';

export class SluiceError extends Error {
  readonly exit: ExitName;
  readonly hint: string | undefined;
  /** The stage that it happened in, where several run in one process. */
  stage: string | undefined;

  constructor(exit: ExitName, message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SluiceError';
    this.exit = exit;
    this.hint = hint;
  }

  get exitCode(): number {
    return exitCodes[this.exit].code;
  }
}

/** What stood in `text` from `start` to `end`, under it a line that points there. */
export function pointAt(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const [line = ''] = text.slice(lineStart).split('\n');
  // A tab would be shown as an escape, and what is below it would not point there any more.
  return `    ${line.replaceAll('\t', ' ')}\n    ${' '.repeat(start - lineStart)}${'^'.repeat(Math.max(1, Math.min(end, lineStart + line.length) - start))}`;
}

/** The `code` of a Node system error (`ENOENT`, `EPIPE`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** For an input named by `path` that `error` kept from being read. */
export function cannotRead(path: string, error: unknown): SluiceError {
  const why = { ENOENT: 'no such file', EACCES: 'no permission to read it', ENOTDIR: 'no such file' }[
    systemCode(error) ?? ''
  ];
  return new SluiceError('noInput', `${path || "''"}: ${why ?? messageOf(error)}`, undefined, error);
}

/** For an output that `error` kept from being written to. */
export function cannotWrite(name: string, error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
  return new SluiceError(
    'inputOutput',
    `cannot write to ${name}: ${isFull ? 'no space left on the disk' : messageOf(error)}`,
    isFull ? 'free some space and run the same line again; with state it goes on where it was' : undefined,
    error,
  );
}

/** For an output named by `path` that `error` kept from being made; `what` is to be written to it. */
export function cannotCreate(path: string, error: unknown, what = ''): SluiceError {
  const code = systemCode(error) ?? '';
  const why = {
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'its folder does not exist',
    EACCES: 'no permission to write it',
    EISDIR: 'it is a directory',
  }[code];
  return new SluiceError(
    'cannotCreate',
    `cannot write ${what}to ${path || "''"}: ${why ?? messageOf(error)}`,
    code === 'ENOENT' && path !== '' ? `make it first: mkdir -p ${dirname(path)}` : undefined,
    error,
  );
}

export function messageOf(error: unknown): string {
  // Messages of OpenSSL end with a line end.
  if (error instanceof Error) return error.message.trimEnd();
  try {
    return String(error);
  } catch {
    return 'something was thrown that has no text';
  }
}

/** An error in one line, with the stage that it happened in where that is known: the reason of a failed end. */
export function reasonOf(error: unknown): string {
  const stage = error instanceof SluiceError ? error.stage : undefined;
  return `sluice${stage ? ` ${stage}` : ''}: ${messageOf(error)}`;
}
