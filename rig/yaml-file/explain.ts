/** Turns what zod finds wrong with a file into sentences: what stands there, what may, what was probably meant. */
import type { z } from 'zod';
import { nearest, suggestion } from '../nearest.js';
import type { KeyPath, YamlDocument } from './document.js';
import type { JsonSchema } from './json-schema.js';
import { childOf, descriptionOf, knownKeys } from './known-keys.js';
import type { Problem } from './problems.js';

export interface Explained {
  readonly schema: JsonSchema;
  readonly document: YamlDocument;
}

/** Keys that people write a secret into, and where it belongs instead. */
const SECRETIVE = /pass|psk|secret|pwd/i;
const SECRET_ADVICE =
  'secrets do not belong in this file. Put it into an environment variable, and name that with passphraseEnv.';

/** Longest key or value that is repeated in a message. */
const VALUE_SHOWN = 40;
const cut = (text: string): string => (text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}…` : text);

/** The problems behind one issue: one for each unknown key, else one. */
export function explainIssue(issue: z.core.$ZodIssue, explained: Explained): Problem[] {
  const { document } = explained;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key], explained));
  }
  const value = valueAt(document.data, issue.path);
  if (value === undefined) return [missing(issue, explained)];
  return [
    {
      place: document.valuePlace(issue.path),
      key: `${keyText(issue.path)}:`,
      text: `${wrongText(issue, value)}${reminder(issue, explained)}`,
    },
  ];
}

/** `link.syn.line`, `power.on[0]`. */
export const keyText = (path: KeyPath): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');

function unknownKey(path: KeyPath, { schema, document }: Explained): Problem {
  const name = cut(String(path.at(-1)));
  const known = knownKeys(schema, path.slice(0, -1), document.data);
  const secretive = SECRETIVE.test(name) && known.includes('passphraseEnv');
  const text = secretive ? SECRET_ADVICE : `there is no such key here. ${suggestion(name, known)}`;
  return { place: document.keyPlace(path), key: `${keyText([...path.slice(0, -1), name])}:`, text };
}

function missing(issue: z.core.$ZodIssue, { schema, document }: Explained): Problem {
  const meaning = descriptionOf(schema, issue.path, document.data);
  const options = optionsOf(issue);
  const wanted = options === undefined ? '' : ` It is ${listed(options)}.`;
  return {
    place: document.keyPlace(issue.path),
    key: keyText(issue.path),
    text: `is missing${meaning === undefined ? '' : ` (${meaning})`}.${wanted}`,
  };
}

function wrongText(issue: z.core.$ZodIssue, value: unknown): string {
  const options = optionsOf(issue);
  if (options !== undefined) return notAnOption(value, options);
  // The schema's own messages begin so; they do not repeat the value, which may be a secret in the wrong place.
  if (issue.message.startsWith('must ')) return sentence(issue.message);
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeTexts[issue.expected] ?? issue.expected}, not ${shown(value)}.`;
    case 'too_small':
      return isEmpty(value)
        ? 'must not be empty.'
        : `${shown(value)} is too small: at least ${issue.minimum}.`;
    case 'too_big':
      return `${shown(value)} is too large: at most ${issue.maximum}.`;
    case 'invalid_union':
      return `${shown(value)} does not do.`;
    default:
      return sentence(issue.message);
  }
}

function notAnOption(value: unknown, options: readonly string[]): string {
  const near = typeof value === 'string' && options.length > 1 ? nearest(value, options) : [];
  const meant = near.length === 0 ? '' : ` ${suggestion(String(value), options)}`;
  return `${shown(value)} does not do; it must be ${listed(options)}.${meant}`;
}

const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0);

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** What the key is for, where the mistake may come from not knowing that. */
function reminder(issue: z.core.$ZodIssue, { schema, document }: Explained): string {
  if (keyText(issue.path) === 'link.i2c.driver')
    return ' The role target goes with bsc, controller with i2c-dev.';
  const mayHelp = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  const meaning = descriptionOf(schema, issue.path, document.data);
  return !mayHelp || meaning === undefined || optionsOf(issue) !== undefined
    ? ''
    : ` It is: ${sentence(meaning)}`;
}

/** The texts that may stand there, where they can be listed. */
function optionsOf(issue: z.core.$ZodIssue): string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) {
    return issue.options.map(String);
  }
  return undefined;
}

const listed = (options: readonly string[]): string =>
  options.length < 2 ? options.join('') : `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`;

const typeTexts: Readonly<Partial<Record<string, string>>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a section with keys of its own',
  array: 'a list',
};

function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  return typeof value === 'string' ? JSON.stringify(cut(value)) : cut(String(value));
}

const valueAt = (data: unknown, path: KeyPath): unknown =>
  path.reduce<unknown>((value, step) => childOf(value, step), data);
