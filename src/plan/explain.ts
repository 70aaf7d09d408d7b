// A plan, for people and as JSON: as it was written, and as it would be run.
import type { FusedStart } from './fuse.ts';
import type { Plan, PlannedStage } from './plan.ts';

export function explain({ stages }: Plan, start: FusedStart | undefined, asJson: boolean): string {
  return asJson ? explainAsJson(stages, start) : explainAsText(stages, start);
}

function explainAsText(stages: readonly PlannedStage[], start: FusedStart | undefined): string {
  const written = stages.map((stage) => line(typed(stage), stage.command.flow));
  const rest = written.slice(start?.stages ?? 0);
  const run = start ? [line(start.name, start.description), ...rest] : rest;
  return `as written\n${written.join('\n')}\n\nas run\n${run.join('\n')}\n`;
}

function explainAsJson(stages: readonly PlannedStage[], start: FusedStart | undefined): string {
  const written = stages.map(({ command, invocation }) => ({
    stage: command.name,
    operands: invocation.operands,
    settings: invocation.settings,
  }));
  const fused = start
    ? [{ stage: start.name, for: written.slice(0, start.stages), does: start.description }]
    : [];
  return `${JSON.stringify({ version: 1, written, run: [...fused, ...written.slice(start?.stages ?? 0)] }, undefined, 2)}\n`;
}

function line(name: string, does: string): string {
  return `  ${name.padEnd(36)}  ${does}`;
}

function typed({ words }: PlannedStage): string {
  return words
    .map(({ text }) =>
      /[\s|'"\\#$();&<>*?]/.test(text) || text === '' ? `'${text.replaceAll("'", "'\\''")}'` : text,
    )
    .join(' ');
}
