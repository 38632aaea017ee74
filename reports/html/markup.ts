/**
 * HTML that is safe by default: what is put into a template is escaped, unless it is markup itself. Console text,
 * ids and reasons come from the device and may hold anything.
 */

/** Markup that was made by `html`. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Content = string | number | Markup | readonly Markup[] | undefined;

/** Builds markup; strings and numbers in it are escaped, `undefined` is left out. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const pieces = parts.map((part, index) => part + textOf(contents[index]));
  return new Markup(pieces.join(''));
}

function textOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(({ text }) => text).join('');
  return escaped(String(content));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML shows it, in content and in attributes. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/\p{Cc}/gu, (character) => visible(character));

/** A control character as its picture (U+2400 and on); line ends and tabs as they are, the rest as unknown. */
function visible(character: string): string {
  if (character === '\n' || character === '\t') return character;
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}

/** Data for a script element of type `application/json`: no `<` in it, so that nothing can end the element. */
export function jsonScript(id: string, data: unknown): Markup {
  const text = JSON.stringify(data).replaceAll('<', '\\u003c');
  return new Markup(`<script type="application/json" id="${id}">${text}</script>`);
}
