// Data on a terminal: control sequences in a log line could move the cursor, change the title or worse, and
// bidirectional controls could make text look like other text. They are shown instead of sent.

const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export function showControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return short[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** JSON text with control characters as JSON escapes: the same value, harmless on a terminal. Line ends stay. */
export function escapeControls(json: string): string {
  return json.replace(controls, (character) => {
    if (character === '\n') return character;
    // Raw ones are white space between tokens: in a string they would be escaped already.
    return character === '\t' || character === '\r' ? ' ' : `\\u${hex(character.charCodeAt(0), 4)}`;
  });
}

/** As showControls, for a text of several lines, perhaps with tabs between columns. */
export function showControlsInLines(text: string): string {
  return text.replace(/[^\n\t]+/g, showControls);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
