// Amounts and times for people.

/** @param {number} count */
export function formatCount(count) {
  if (Math.abs(count) < 1000) return String(Math.round(count * 10) / 10);
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}

/** @param {number} count */
export const formatWhole = (count) => new Intl.NumberFormat('en').format(count);

/** @param {number} milliseconds */
export function formatSpan(milliseconds) {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${Math.round(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} m`;
  return `${(seconds / 86_400).toFixed(1)} d`;
}

/** @param {number} time */
export const formatTime = (time) =>
  new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '');

/**
 * Characters that nobody sees, or that make text look like other text, as what they are: those of src/emit/terminal/controls.ts.
 * @param {string} text
 */
export const visible = (text) =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
