/** Text for Markdown as CI servers show it (GitHub's flavour): what comes from the device stays text. */

/** Text as it is: nothing in it is markup, a link, or an HTML element. */
export const literal = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]|~<>&@:#]/g, (character) => `&#${character.charCodeAt(0)};`)
    .trim();

/** Text in a code span; longer fences than any in the text. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([fence]) => fence.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${text.replace(/\s+/g, ' ')}${pad}${fence}`;
}

/** A table; a heading that begins with `>` has its column aligned to the right. Cells are taken literally. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(headings.map((heading) => heading.replace(/^>/, ''))),
    line(headings.map((heading) => (heading.startsWith('>') ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(literal))),
  ].join('\n');
}
