// Which word of a stage an error speaks of, so that it can be pointed at.
import type { StageWords, Word } from './pipeline-text.ts';

/** The word that the message names, in quotes, as an option, or in front of or behind a colon; else the stage's name. */
export function culprit(words: StageWords, message: string): Word {
  const [name, ...rest] = words;
  const [option] = /--[a-z-]+/.exec(message) ?? [];
  // yargs writes `Not enough arguments following: sort`.
  const bare = /: (\S+)$/.exec(message)?.[1];
  const isOption = ({ text }: Word): boolean => {
    const [written] = text.split('=');
    return written === option || (bare !== undefined && written === `--${bare}`);
  };
  const quoted = Array.from(message.matchAll(/'([^']+)'/g), ([, text]) => text);
  const from = rest.findIndex(isOption);
  const isNamed = ({ text }: Word): boolean =>
    quoted.includes(text) || text === bare || ` ${message}`.includes(` ${text}: `);
  const inside = ({ text }: Word): boolean =>
    quoted.some((part) => part !== undefined && text.includes(part));
  // Where an option is named, its value stands right behind it.
  if (from !== -1) return rest.slice(from + 1, from + 2).find(isNamed) ?? (rest[from] as Word);
  return rest.find(isNamed) ?? rest.find(inside) ?? name;
}
