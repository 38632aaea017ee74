/** Finds what a TypeScript source imports, without a compiler: a tokenizer that knows strings, comments and regexps. */

/** What a source imports; `undefined` stands for a specifier that is computed. */
export type Specifier = string | undefined;

type Token =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'template' }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

/** Every specifier of `import … from`, `export … from`, `import '…'`, `import(…)`, `import('…').Type` and `require(…)`. */
export function importSpecifiers(source: string): Specifier[] {
  const tokens = tokenize(source);
  const found: Specifier[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || isMark(tokens[index - 1], '.')) continue;
    const next = tokens[index + 1];
    const called = isMark(next, '(');
    if ((token.text === 'from' || token.text === 'import') && next?.kind === 'string') found.push(next.text);
    else if ((token.text === 'import' || token.text === 'require') && called) {
      const argument = tokens[index + 2];
      found.push(argument?.kind === 'string' && isMark(tokens[index + 3], ')') ? argument.text : undefined);
    }
  }
  return found;
}

const isMark = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'mark' && token.text === text;

const patterns = {
  space: /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y,
  string: /'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"/y,
  word: /[\p{L}\p{N}_$]+/uy,
  regexp: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
} as const;

/** Words after which a slash begins a regular expression, not a division. */
const beforeRegexp = /^(?:return|typeof|case|in|of|do|else|void|delete|await|yield|throw|new|default)$/;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** Open braces; a template's `${` is remembered, so that its `}` leads back into the template's text. */
  const braces: ('block' | 'template')[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const template = () => {
    at = endOfTemplateText(source, at);
    if (source[at - 1] === '{') braces.push('template');
  };
  while (at < source.length) {
    if (take(patterns.space) !== null) continue;
    const text = take(patterns.string);
    if (text !== null) {
      tokens.push({ kind: 'string', text: text[1] ?? text[2] ?? '' });
      continue;
    }
    if (source[at] === '/' && regexpMayBegin(tokens.at(-1)) && take(patterns.regexp) !== null) {
      tokens.push({ kind: 'word', text: '(regexp)' });
      continue;
    }
    const word = take(patterns.word);
    if (word !== null) {
      tokens.push({ kind: 'word', text: word[0] });
      continue;
    }
    const mark = source[at] ?? '';
    at += 1;
    if (mark === '`') {
      tokens.push({ kind: 'template' });
      template();
    } else if (mark === '}' && braces.pop() === 'template') template();
    else {
      if (mark === '{') braces.push('block');
      tokens.push({ kind: 'mark', text: mark });
    }
  }
  return tokens;
}

/** Just after the closing backtick, or after the next `${`. */
function endOfTemplateText(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    if (source[at] === '\\') at += 2;
    else if (source[at] === '`') return at + 1;
    else if (source.startsWith('${', at)) return at + 2;
    else at += 1;
  }
  return at;
}

function regexpMayBegin(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'mark') return ![')', ']', '}'].includes(before.text);
  return before.kind === 'word' && beforeRegexp.test(before.text);
}
