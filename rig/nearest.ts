/** Known names that a typing mistake away from what somebody wrote. */

/** Names proposed at most. */
const PROPOSED = 2;

/** The known names nearest to `wanted`, at most two, the nearest first; none when all are far from it. */
export function nearest(wanted: string, known: readonly string[]): string[] {
  const limit = Math.max(2, Math.ceil(wanted.length / 3));
  return known
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, PROPOSED)
    .map(({ name }) => name);
}

/** Levenshtein's distance: the fewest characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** Names shown when none is near. */
const NAMES_SHOWN = 10;

/** `Did you mean "outages"?`, or the names there are; for the end of a message about an unknown name. */
export function suggestion(wanted: string, known: readonly string[]): string {
  const near = nearest(wanted, known);
  if (near.length > 0) return `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`;
  if (known.length === 0) return 'There are none.';
  const more = known.length > NAMES_SHOWN ? ', …' : '';
  return `Known: ${known.slice(0, NAMES_SHOWN).join(', ')}${more}.`;
}
