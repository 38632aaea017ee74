/** Fits text into columns of a screen: its width, cutting it short, wrapping it. */

/** Columns that `text` takes, one per code point: wide and combining characters are not told apart. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const _ of text) columns += 1;
  return columns;
}

/** At most `width` columns of `text`, with an ellipsis where it was cut. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  if (width <= 0) return '';
  return `${[...text]
    .slice(0, width - 1)
    .join('')
    .trimEnd()}…`;
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - columnsOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** Breaks `text` at white space into lines of at most `width` columns; a longer word is broken where it must be. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    for (const piece of pieces(word, room)) {
      if (line === '') line = piece;
      else if (columnsOf(line) + 1 + columnsOf(piece) <= room) line += ` ${piece}`;
      else {
        lines.push(line);
        line = piece;
      }
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

function pieces(word: string, width: number): string[] {
  const characters = [...word];
  const result: string[] = [];
  for (let start = 0; start < characters.length; start += width) {
    result.push(characters.slice(start, start + width).join(''));
  }
  return result;
}

/** Wraps each paragraph (they are parted by empty lines) and indents every line. */
export function paragraphs(text: string, width: number, indent: string): string[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .flatMap((paragraph, index) => [
      ...(index > 0 ? [''] : []),
      ...wrap(paragraph, width - columnsOf(indent)).map((line) => indent + line),
    ]);
}
