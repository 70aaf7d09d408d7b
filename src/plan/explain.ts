// A plan, for people and as JSON.
import type { Plan } from './plan.ts';

export function explain({ stages }: Plan, asJson: boolean): string {
  if (asJson) {
    const plain = stages.map(({ command, invocation }) => ({
      stage: command.name,
      operands: invocation.operands,
      settings: invocation.settings,
    }));
    return `${JSON.stringify({ version: 1, stages: plain }, undefined, 2)}\n`;
  }
  const lines = stages.map(({ command, words }) => {
    const typed = words
      .map(({ text }) => (/[\s|'"\\#]/.test(text) || text === '' ? `'${text}'` : text))
      .join(' ');
    return `  ${typed.padEnd(40)}  ${command.flow}`;
  });
  return `as written\n${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
