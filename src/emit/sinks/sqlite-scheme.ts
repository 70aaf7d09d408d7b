// What names a SQLite database, wherever one is written or read; by itself, so that nothing is loaded for it.
export const sqliteScheme = 'sqlite:';

/** `sqlite:FILE`, or what ends as databases do. */
export function isSqlite(operand: string): boolean {
  return operand.startsWith(sqliteScheme) || /^(?!file:|exec:|[a-z]+:\/\/).*\.(db|sqlite3?)$/.test(operand);
}

export function sqlitePath(operand: string): string {
  return operand.startsWith(sqliteScheme) ? operand.slice(sqliteScheme.length) : operand;
}
