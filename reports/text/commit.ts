/** A commit as people write it: its first characters, and whether files were changed since. */
export const shortCommit = (commit: string): string => commit.replace(/^([0-9a-f]{8})[0-9a-f]*/, '$1');
