/** Programs that check what is shipped. Where one is missing, its tests are skipped, or fail where CI wants them. */
import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';

interface Program {
  readonly name: string;
  /** Debian's package. */
  readonly package: string;
  /** Set where the tests must not be skipped. */
  readonly needed: string;
}

export const shellcheck: Program = {
  name: 'shellcheck',
  package: 'shellcheck',
  needed: 'RIG_NEEDS_SHELLCHECK',
};
export const systemdAnalyze: Program = {
  name: 'systemd-analyze',
  package: 'systemd',
  needed: 'RIG_NEEDS_SYSTEMD',
};

type Body = (t: ExecutionContext) => void;

/** AVA's `test`, or where the program is missing, its `skip` with the reason in the title. */
export function testWith(program: Program): (title: string, body: Body) => void {
  const isThere = spawnSync(program.name, ['--version']).status === 0;
  if (isThere) return (title, body) => void test(title, body);
  const reason = `${program.name} is not installed (apt-get install ${program.package})`;
  if (process.env[program.needed] !== undefined) throw new Error(`${program.needed} is set, and ${reason}`);
  return (title, body) => void test.skip(`${title}: ${reason}`, body);
}
