// What Node and SQLite call an error, for the few cases that are told apart.

/** The code of a Node or SQLite error, such as ENOENT or SQLITE_FULL; empty where there is none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
