/** Finds a text among the static data of a WebAssembly module in text format. */

const SEGMENT = /^ \(data \$\S+ \(i32\.const (\d+)\) "(.*)"\)$/;
const ESCAPED_BYTE = /\\([0-9a-fA-F]{2})/g;

/** The address of `text` in memory. Letters and spaces only: other characters may be escaped. Throws when it is not there. */
export function dataAddress(lines: readonly string[], text: string): number {
  for (const line of lines) {
    const [, start, escaped] = SEGMENT.exec(line) ?? [];
    if (start === undefined || escaped === undefined || !escaped.includes(text)) continue;
    const before = escaped.slice(0, escaped.indexOf(text));
    // What is left of the escapes are a backslash and the character itself, such as a quotation mark.
    const bytes = before.replace(ESCAPED_BYTE, '.').replace(/\\./g, '.');
    return Number(start) + bytes.length;
  }
  throw new Error(`The module holds no text "${text}".`);
}
