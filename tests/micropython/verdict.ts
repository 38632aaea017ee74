/** Whether a test passed, by the rules of upstream's run-tests.py. */

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly expected: string; readonly got: string };

/** Printed before the test's first line: without it the test did not even start. */
export const START_MARK = 'START TEST';

/** What the board printed, the traceback of what ended the test included, with line feeds as line ends. */
export interface Trial {
  readonly output: string;
  readonly failure: string;
}

const UNITTEST_SUMMARY = /-{70}\nRan \d+ tests\n\n(OK(?: \(skipped=\d+\))?|FAILED \(.*\))\n$/;

/** `expected` is asked only of a test that ran. */
export function judge(trial: Trial, expected: () => string): Verdict {
  const started = trial.output.startsWith(`${START_MARK}\n`);
  const printed = started ? trial.output.slice(START_MARK.length + 1) : trial.output;
  if (!started && trial.failure.includes('MemoryError')) {
    return { kind: 'skipped', reason: 'too large for the board' };
  }
  if (printed === 'SKIP\n')
    return { kind: 'skipped', reason: 'the test itself finds that it does not apply' };
  if (trial.failure.includes("no module named 'unittest'")) {
    return { kind: 'skipped', reason: 'needs the module unittest: give its folder with --lib' };
  }
  const summary = UNITTEST_SUMMARY.exec(printed)?.[1];
  if (summary?.startsWith('OK')) return { kind: 'passed' };
  const got = trial.failure === '' ? printed : `${printed}${trial.failure}CRASH`;
  const wanted = summary === undefined ? expected() : 'OK';
  return matches(wanted, got) ? { kind: 'passed' } : { kind: 'failed', expected: wanted, got };
}

/** In an expectation with a line `########`, that stands for any number of lines, and the others are patterns. */
function matches(expected: string, got: string): boolean {
  if (!expected.includes('########\n')) return expected === got;
  const pattern = expected
    .split('\n')
    .map((line) => (line === '########' ? '(?:.*\\n)*?' : `${linePattern(line)}\\n`))
    .join('');
  return new RegExp(`^${pattern.slice(0, -'\\n'.length)}$`).test(got);
}

/** Upstream's: what stands behind a backslash is a pattern's character, and any other is itself. */
function linePattern(line: string): string {
  return line.replace(/\\(.)|[()[\]{}.*+^$?|]/g, (character, wanted: string | undefined) =>
    wanted === undefined ? `\\${character}` : wanted,
  );
}
