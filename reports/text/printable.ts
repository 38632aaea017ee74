/** Makes text of unknown origin harmless to a terminal: what a device prints may hold any bytes. */
import { stripVTControlCharacters } from 'node:util';

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, byte-order marks, and the invisible characters that
 * reorder or hide text on a screen (Unicode's bidirectional controls and zero-width characters).
 */
const unprintable = /[\p{Cc}\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]/gu;

/** One line that is safe to print: escape sequences removed, white space made plain, the rest shown as `\xNN`. */
export function printable(text: string): string {
  return escapeUnprintable(stripVTControlCharacters(text).replace(/[\t\r\n\v\f]+/g, ' '));
}

/** One line that is safe to print and keeps everything: each unprintable character becomes `\xNN` or `\u{NNNN}`. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16).padStart(2, '0');
    return code <= 0xff ? `\\x${hex}` : `\\u{${hex}}`;
  });
}
