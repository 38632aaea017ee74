/** XML text: escaped, and without what XML 1.0 cannot hold at all. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** A character outside of XML 1.0's `Char` (production 2): most controls, lone surrogates, U+FFFE and U+FFFF. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const REPLACEMENT = '\ufffd';

/** For the content of an element. */
export const content = (text: string): string =>
  text.replace(notXml, REPLACEMENT).replace(/[&<>]/g, (character) => entities[character] ?? character);

/** For the value of an attribute in double quotes; line ends survive the reader's normalisation. */
export const attribute = (text: string): string =>
  text.replace(notXml, REPLACEMENT).replace(/[&<>"\n]/g, (character) => entities[character] ?? character);

/** Attributes with a space before each. */
export const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${attribute(String(value))}"`)
    .join('');
