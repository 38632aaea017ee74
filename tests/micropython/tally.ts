/** Counts and tells how the tests went. */
import { isNamedDifferent, knownDifference } from './known-differences.js';
import type { Verdict } from './verdict.js';

/** Lines of a difference that are shown. */
const SHOWN_LINES = 12;
/** A test that takes longer is told with its time. */
const SLOW_MS = 3_000;

export class Tally {
  private readonly showsAll: boolean;
  private readonly counts = { passed: 0, skipped: 0, known: 0, failed: 0 };
  private readonly startMs = performance.now();

  /** `showsAll`: also what passed, and how the known differences differ. */
  constructor(showsAll: boolean) {
    this.showsAll = showsAll;
  }

  take(name: string, verdict: Verdict, tookMs: number): void {
    const known = knownDifference(name);
    const slow = tookMs > SLOW_MS ? ` (${(tookMs / 1_000).toFixed(1)} s)` : '';
    if (verdict.kind === 'skipped') {
      this.counts.skipped += 1;
      console.log(`skip  ${name}: ${verdict.reason}${slow}`);
    } else if (verdict.kind === 'passed') {
      this.counts.passed += 1;
      if (this.showsAll || slow !== '') console.log(`pass  ${name}${slow}`);
      if (isNamedDifferent(name))
        console.log(`note  ${name} passes, though it is listed as different: ${known}`);
    } else if (known !== undefined) {
      this.counts.known += 1;
      console.log(`known ${name}: ${known}${slow}`);
      if (this.showsAll) showDifference(verdict.expected, verdict.got);
    } else {
      this.counts.failed += 1;
      console.log(`FAIL  ${name}${slow}`);
      showDifference(verdict.expected, verdict.got);
    }
  }

  /** Tells the sums; the exit status. */
  close(): number {
    const { passed, skipped, known, failed } = this.counts;
    const tookS = ((performance.now() - this.startMs) / 1_000).toFixed(0);
    console.log(`${known} known differences, ${skipped} skipped, ${tookS} s`);
    console.log(`${passed} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  }
}

/** From the first line that differs. */
function showDifference(expected: string, got: string): void {
  const wanted = expected.split('\n');
  const printed = got.split('\n');
  const at = wanted.findIndex((line, index) => line !== printed[index]);
  const from = Math.max(at < 0 ? wanted.length - 1 : at, 0);
  for (const line of wanted.slice(from, from + SHOWN_LINES)) console.log(`      - ${line}`);
  for (const line of printed.slice(from, from + SHOWN_LINES)) console.log(`      + ${line}`);
}
