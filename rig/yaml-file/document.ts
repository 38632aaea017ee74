/** A file's text as YAML: its data, and where in the text each key and value is. */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { messageOf } from '../errors.js';
import type { Place, Problem } from './problems.js';

/** The way to a value: keys of mappings, indexes of lists. */
export type KeyPath = readonly PropertyKey[];

export interface YamlDocument {
  /** Undefined when there are problems. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** Where the key stands, or the nearest key above it that is in the file. */
  keyPlace(path: KeyPath): Place;
  /** Where the value begins, or the nearest key above it that is in the file. */
  valuePlace(path: KeyPath): Place;
}

const TOP: Place = { line: 1, column: 1 };
/** Uses of anchors that data may be made of: a file of bombs is refused, not unfolded. */
const ALIAS_LIMIT = 100;

/** Reads `text`. Never throws: what is wrong is in `problems`. */
export function readDocument(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    merge: true,
    version: '1.2',
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    // An empty text has no lines.
    return line === 0 ? TOP : { line, column: col };
  };
  const problems = [
    ...[...document.errors, ...document.warnings].map((error) => syntaxProblem(error, place)),
    ...unresolvedAliases(document, place),
  ];
  const { data, problem } = problems.length > 0 ? {} : dataOf(document, place);
  return {
    data,
    problems: problem === undefined ? withoutEchoes(problems) : [problem],
    keyPlace: (path) => placeOf(document, path, place, 'key'),
    valuePlace: (path) => placeOf(document, path, place, 'value'),
  };
}

/** What the parser's messages leave open, by their code; the others say enough. */
const syntaxTexts: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: 'this key is there twice; leave one of them.',
  TAB_AS_INDENT: 'a tab stands at the beginning; YAML takes only spaces.',
  MULTIPLE_DOCS: 'a second document begins here (---); the file must be one.',
  NON_STRING_KEY: 'this is no key; a key is a plain word.',
  RESOURCE_EXHAUSTION: 'it is nested too deeply.',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " in one line; put the text in quotes, or the key in a line of its own.',
  TAG_RESOLVE_FAILED: 'tags (a word that begins with "!") have no meaning here.',
};

const PLAIN_SENTENCE = /^[A-Z]?[^A-Z]/;

function syntaxProblem({ code, message, pos }: YAMLError, place: (offset: number) => Place): Problem {
  const known = syntaxTexts[code];
  return { place: place(pos[0]), text: known ?? `this is not YAML: ${lowered(message)}.` };
}

const lowered = (message: string): string =>
  PLAIN_SENTENCE.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;

/** A mistake in a file's structure makes the parser complain again at the same place: once is enough. */
function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const nested = problems.find(({ text }) => text === syntaxTexts.RESOURCE_EXHAUSTION);
  if (nested !== undefined) return [nested];
  const seen = new Set<string>();
  return problems.filter(({ place }) => {
    const at = `${place.line}:${place.column}`;
    return !seen.has(at) && seen.add(at);
  });
}

function unresolvedAliases(document: Document.Parsed, place: (offset: number) => Place): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return;
      problems.push({
        place: place(offsetOf(alias)),
        text: `*${alias.source} stands for &${alias.source}, which is not set before it.`,
      });
    },
  });
  return problems;
}

function dataOf(
  document: Document.Parsed,
  place: (offset: number) => Place,
): { data?: unknown; problem?: Problem } {
  try {
    const data: unknown = document.toJS({ maxAliasCount: ALIAS_LIMIT });
    return { data };
  } catch (error) {
    const message = messageOf(error);
    const text = /alias count/.test(message)
      ? `its anchors are used in one another too often; ${ALIAS_LIMIT} uses are allowed.`
      : `this is not YAML: ${lowered(message)}.`;
    return { problem: { place: place(firstMerge(document)), text } };
  }
}

/** Merging is the one thing that fails only when the data is made. */
function firstMerge(document: Document.Parsed): number {
  let offset = 0;
  visit(document, {
    Pair: (_key, pair) => {
      if (!isMerge(pair)) return undefined;
      offset = offsetOf(pair.key);
      return visit.BREAK;
    },
  });
  return offset;
}

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

function placeOf(
  document: Document.Parsed,
  path: KeyPath,
  place: (offset: number) => Place,
  what: 'key' | 'value',
): Place {
  let node: Node | null = document.contents;
  let found = offsetOf(node);
  for (const [index, step] of path.entries()) {
    const next = childOf(document, node, step);
    if (next === undefined) return place(found);
    const isLast = index === path.length - 1;
    // What lies in a mapping on the way is shown by its key: the value may begin lines below.
    found = isLast && what === 'value' && isScalar(next.value) ? offsetOf(next.value) : next.keyOffset;
    node = next.value;
  }
  return place(found);
}

interface Child {
  readonly keyOffset: number;
  readonly value: Node | null;
}

/** The child as it counts in the data: aliases followed, what is merged in included. */
function childOf(document: Document.Parsed, parent: Node | null, step: PropertyKey): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isMap(node)) return childOfMap(document, node, step);
  if (!isSeq(node)) return undefined;
  const item: unknown = node.items[Number(step)];
  return isNode(item) ? { keyOffset: offsetOf(item), value: item } : undefined;
}

function childOfMap(document: Document.Parsed, map: YAMLMap, step: PropertyKey): Child | undefined {
  for (const pair of map.items) {
    if (isScalar(pair.key) && pair.key.value === step) {
      return { keyOffset: offsetOf(pair.key), value: isNode(pair.value) ? pair.value : null };
    }
  }
  for (const pair of map.items.filter(isMerge)) {
    const source = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    const sources: unknown[] = isSeq(source) ? source.items : [source];
    for (const each of sources) {
      const child = isCollection(each) || isAlias(each) ? childOf(document, each, step) : undefined;
      if (child !== undefined) return child;
    }
  }
  return undefined;
}

const isMerge = (pair: unknown): pair is Pair =>
  isPair(pair) && isScalar(pair.key) && pair.key.value === '<<';
