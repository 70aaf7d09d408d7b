// Every format. Order = order in the man page.
import type { FormatKind } from './format.ts';
import { jsonFormat } from './json.ts';
import { linesFormat } from './lines.ts';

export const formats = { lines: linesFormat, json: jsonFormat } as const satisfies Record<string, FormatKind>;

export const formatNames = Object.keys(formats) as (keyof typeof formats)[];
