/** Reads the results of a job, line by line as they arrive: TAP 13, as AVA writes it, and the job's own end. */
import { JOB_END } from './machine/machine.js';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const POINT = /^(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO)\b.*)?$/;

export class Results {
  private passed = 0;
  private failed = 0;
  private skipped = 0;
  private status: number | undefined;
  private readonly bad = new Set<string>();
  private readonly tell: (line: string) => void;

  /** `tell` is called with what a reader wants to see: a line for each test, and what failed tests say. */
  constructor(tell: (line: string) => void) {
    this.tell = tell;
  }

  take(rawLine: string): void {
    const line = rawLine.trimEnd();
    const end = JOB_END.exec(line);
    if (end !== null) {
      this.status = Number(end[1]);
      return;
    }
    const point = POINT.exec(line);
    if (point !== null) this.takePoint(point[1] !== undefined, point[2] ?? '', point[3]);
    else if (!/^(# |TAP version|1\.\.\d|\s*$)/.test(line)) this.tell(`  ${line}`);
  }

  private takePoint(bad: boolean, title: string, directive: string | undefined): void {
    if (directive !== undefined) {
      this.skipped += 1;
      this.tell(`- ${title} (skipped)`);
    } else if (bad) {
      this.failed += 1;
      this.bad.add(title);
      this.tell(`✘ ${title}`);
    } else {
      this.passed += 1;
      this.tell(`✔ ${title}`);
    }
  }

  /** The sum. A job that broke off, or failed without naming a test, counts as one failure. */
  counts(): Counts {
    const broke = this.failed === 0 && (this.status !== 0 || this.passed === 0);
    return { passed: this.passed, failed: broke ? 1 : this.failed, skipped: this.skipped };
  }

  /** The suites in which a test failed, where the job ran several and so named them; none when it broke off. */
  failedSuites(): string[] {
    const suites = [...this.bad].map((title) => title.split(' › ', 1)[0] ?? '');
    return this.status === undefined ? [] : [...new Set(suites)];
  }

  /** The job's exit status; undefined when it never came to an end. */
  get exitStatus(): number | undefined {
    return this.status;
  }
}
