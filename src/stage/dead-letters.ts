// Records that a stage leaves out, in a file of their own: NDJSON with place and reason.
import { appendFileSync } from 'node:fs';
import { stringifyJson, type Json } from '../envelope/json.ts';
import { cannotCreate } from '../errors.ts';

export type DeadLetter = { readonly record: Json; readonly place: string; readonly reason: string };

/** Appends them to `file`. Throws SluiceError('cannotCreate'). */
export function appendDeadLetters(file: string, stage: string, letters: readonly DeadLetter[]): void {
  if (letters.length === 0) return;
  const lines = letters.map(({ record, place, reason }) => stringifyJson({ stage, place, reason, record }));
  try {
    appendFileSync(file, `${lines.join('\n')}\n`);
  } catch (error) {
    throw cannotCreate(file, error, 'rejected records ');
  }
}
