/** Reads a bench file: its YAML, the schema of its kind, and what the schema cannot say. */

import { suggestion } from '../nearest.js';
import { type KeyPath, readDocument, type YamlDocument } from '../yaml-file/document.js';
import { explainIssue, keyText } from '../yaml-file/explain.js';
import { childOf } from '../yaml-file/known-keys.js';
import { type Problem, placeText, problemsError } from '../yaml-file/problems.js';
import { type BenchFile, physical, virtual } from './bench-file.js';
import { mismatchesOf } from './cross-checks.js';
import { kinds } from './json-schema.js';

/** A bench file is a page; whatever is longer is another file. */
export const BENCH_FILE_LIMIT_CHARACTERS = 65_536;

export interface LoadedBenchFile {
  readonly file: BenchFile;
  /** The file's name as the user knows it. */
  readonly name: string;
  /** `bench.yaml:12:3`: where the value at `path` stands, for messages about it. */
  where(path: KeyPath): string;
}

/**
 * Reads the text of the bench file that the user knows as `name`. Throws one `USAGE` error that names file, line,
 * column and key of every problem: first those of the YAML, then those of the schema, then keys that do not go together.
 */
export function loadBenchFile(text: string, name: string): LoadedBenchFile {
  const refuse = (...problems: Problem[]) => problemsError(name, problems);
  const top = { line: 1, column: 1 };
  if (text.length > BENCH_FILE_LIMIT_CHARACTERS) {
    const size = `it has more than ${BENCH_FILE_LIMIT_CHARACTERS} characters`;
    throw refuse({ place: top, text: `${size}. Is it a bench file?` });
  }
  const document = readDocument(text);
  if (document.problems.length > 0) throw refuse(...document.problems);
  const { data } = document;
  if (data === null || data === undefined) {
    throw refuse({ place: top, text: 'it is empty. Copy one from benches/ and adapt it.' });
  }
  if (typeof data !== 'object' || Array.isArray(data)) {
    throw refuse({ place: top, text: 'a bench file is made of keys and values, such as "name: lab-3".' });
  }
  const { file, problems } = checked(document);
  if (file === undefined) throw refuse(...problems);
  return { file, name, where: (path) => placeText(name, document.valuePlace(path)) };
}

function checked(document: YamlDocument): { file?: BenchFile; problems: Problem[] } {
  const kind = childOf(document.data, 'kind') ?? 'physical';
  if (kind !== 'physical' && kind !== 'virtual') return { problems: [unknownKind(kind, document)] };
  // The kind is chosen first, so that messages are about the schema that was meant.
  const parsed = (kind === 'virtual' ? virtual : physical).safeParse(document.data);
  if (!parsed.success) {
    const explained = { schema: kinds[kind], document };
    return { problems: parsed.error.issues.flatMap((issue) => explainIssue(issue, explained)) };
  }
  const file = parsed.data;
  const problems = (file.kind === 'physical' ? mismatchesOf(file) : []).map(({ path, text }) => ({
    place: document.valuePlace(path),
    key: `${keyText(path)}:`,
    text,
  }));
  return problems.length > 0 ? { problems } : { file, problems };
}

function unknownKind(kind: unknown, document: YamlDocument): Problem {
  const meant = typeof kind === 'string' ? ` ${suggestion(kind, ['physical', 'virtual'])}` : '';
  const text = `a bench is physical or virtual.${/Known:/.test(meant) ? '' : meant}`;
  return { place: document.valuePlace(['kind']), key: 'kind:', text };
}
