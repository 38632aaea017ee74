/** Reads a suite file: its YAML, its schema, with the place of everything that is wrong. */
import { type KeyPath, readDocument } from '../yaml-file/document.js';
import { explainIssue } from '../yaml-file/explain.js';
import { placeText, problemsError } from '../yaml-file/problems.js';
import { type SuiteFile, suiteFile, suiteFileJsonSchema } from './suite-file.js';

/** Whatever is longer is no suite. */
export const SUITE_FILE_LIMIT_CHARACTERS = 262_144;

const TOP = { line: 1, column: 1 };

export interface LoadedSuiteFile {
  readonly suite: SuiteFile;
  /** `nightly.yaml:12:3`: where the value at `path` stands, for messages about it. */
  where(path: KeyPath): string;
}

/** Reads the text of the suite file that the user knows as `name`. Throws one `USAGE` error that names all problems. */
export function loadSuiteFile(text: string, name: string): LoadedSuiteFile {
  if (text.length > SUITE_FILE_LIMIT_CHARACTERS) {
    const size = `it has more than ${SUITE_FILE_LIMIT_CHARACTERS} characters`;
    throw problemsError(name, [{ place: TOP, text: `${size}. Is it a suite file?` }]);
  }
  const document = readDocument(text);
  if (document.problems.length > 0) throw problemsError(name, document.problems);
  if (typeof document.data !== 'object' || document.data === null || Array.isArray(document.data)) {
    const advice = 'a suite file has the keys name, summary and runs. scenarios/suites/ has examples.';
    throw problemsError(name, [{ place: TOP, text: advice }]);
  }
  const parsed = suiteFile.safeParse(document.data);
  if (!parsed.success) {
    const explained = { schema: suiteFileJsonSchema(), document };
    throw problemsError(
      name,
      parsed.error.issues.flatMap((issue) => explainIssue(issue, explained)),
    );
  }
  return { suite: parsed.data, where: (path) => placeText(name, document.valuePlace(path)) };
}
