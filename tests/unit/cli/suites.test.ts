/** Suites on the command line: what is planned, what counts, and which mistakes are told before anything runs. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Composition, RunRequest } from '../../../cli/composition.js';
import { suitesIn } from '../../../cli/suites.js';
import { DEFAULT_SERVER } from '../../../rig/run/bench.js';
import type { Outcome } from '../../../rig/run/outcome.js';
import { scenarios as realScenarios } from '../../../scenarios/index.js';
import { pathOf } from '../docs/markdown.js';
import { madeUpResult } from '../reports/made-up-run.js';
import { runInProcess } from './in-process.js';
import { standIn } from './stand-in.js';

/** A folder with a `firmware` that boots, and a rig whose runs are only remembered. */
class Lab {
  readonly path = mkdtempSync(join(tmpdir(), 'rig-suites-'));
  readonly runs: RunRequest[] = [];
  outcomeOf: (request: RunRequest) => Outcome = () => 'PASS';

  constructor(t: ExecutionContext) {
    mkdirSync(join(this.path, 'firmware'));
    writeFileSync(join(this.path, 'firmware', 'main.py'), 'print(1)\n');
    t.teardown(() => rmSync(this.path, { recursive: true }));
  }

  write(file: string, text: string): this {
    mkdirSync(join(this.path, file, '..'), { recursive: true });
    writeFileSync(join(this.path, file), text);
    return this;
  }

  rig(words: string, changes: Partial<Composition> = {}, today = '2026-06-01T12:00:00Z') {
    return this.rigOf(words.split(' '), changes, today);
  }

  rigOf(words: readonly string[], changes: Partial<Composition> = {}, today = '2026-06-01T12:00:00Z') {
    const composition: Composition = {
      ...standIn('pass', join(this.path, 'firmware')),
      runScenario: (request) => {
        this.runs.push(request);
        const { seed, scenario } = request;
        return Promise.resolve(
          madeUpResult({ seed, scenario: scenario.name, outcome: this.outcomeOf(request) }),
        );
      },
      ...changes,
    };
    return runInProcess([...words, '--no-history'], {
      composition,
      workingDirectory: this.path,
      today: () => new Date(today),
    });
  }

  ran(): string[] {
    return this.runs.map(({ scenario, seed }) => `${scenario.name} ${seed}`);
  }
}

const suite = (...runs: string[]): string =>
  `name: lab\nsummary: what the lab runs\nruns:\n${runs.map((run) => `  - ${run}\n`).join('')}`;

test('a suite runs its scenarios in order, with its parameters, as often as it says', async (t) => {
  const lab = new Lab(t).write(
    'lab.yaml',
    suite('{scenario: wifi-outage, repeat: 2, parameters: {outage: 2s}}', '{scenario: steady}'),
  );
  const { status, errors } = await lab.rig('run lab.yaml --seed 10');
  t.is(errors, '');
  t.is(status, 0);
  t.deepEqual(lab.ran(), ['wifi-outage 10', 'wifi-outage 11', 'steady 10']);
  t.like(lab.runs[0]?.parameters, { outage: 2_000_000, outages: 6 });
});

test('the command line has the last word over the suite, and over it alone', async (t) => {
  const lab = new Lab(t).write(
    'lab.yaml',
    suite('{scenario: wifi-outage, parameters: {outage: 2s, outages: 3}}', '{scenario: steady}'),
  );
  t.is((await lab.rig('run lab.yaml --set outages=9')).status, 0);
  t.like(lab.runs[0]?.parameters, { outage: 2_000_000, outages: 9 });
  t.like(lab.runs[1]?.parameters, { messages: 1_000 });
});

test('no two runs of one scenario have the same seed, however they come about', async (t) => {
  const lab = new Lab(t).write(
    'lab.yaml',
    suite('{scenario: steady, repeat: 2}', '{scenario: wifi-outage}', '{scenario: steady, repeat: 3}'),
  );
  t.is((await lab.rig('run lab.yaml steady --repeat 3 --seed 4294967290')).status, 0);
  t.is(lab.runs.length, 3 * 7);
  t.is(new Set(lab.ran()).size, lab.runs.length);
  t.deepEqual(lab.ran().slice(0, 7), [
    'steady 4294967290',
    'steady 4294967291',
    'wifi-outage 4294967290',
    'steady 4294967292',
    'steady 4294967293',
    'steady 4294967294',
    'steady 4294967295',
  ]);
  t.is(lab.ran()[7], 'steady 0', 'the seeds begin again from none');
});

test('other limits judge the run; one that was only recorded becomes the most allowed', async (t) => {
  const lab = new Lab(t).write(
    'lab.yaml',
    suite('{scenario: wifi-outage, limits: {lost: 3, recovery p99: 4000}}', '{scenario: wifi-outage}'),
  );
  t.is((await lab.rig('run lab.yaml')).status, 0);
  const limits = lab.runs.map(({ scenario, parameters }) =>
    scenario.measurements(parameters, DEFAULT_SERVER).map(({ limit }) => limit),
  );
  t.deepEqual(limits, [
    [
      { kind: 'equal', value: 3 },
      { kind: 'atMost', value: 4000 },
    ],
    [{ kind: 'equal', value: 0 }, { kind: 'none' }],
  ]);
});

test('the command that repeats a run of a suite has its parameters and limits, and runs exactly that', async (t) => {
  const lab = new Lab(t).write(
    'lab.yaml',
    suite('{scenario: wifi-outage, parameters: {outages: 2}, limits: {lost: 3, recovery p99: 4000.5}}'),
  );
  const { output } = await lab.rig('run lab.yaml --seed 5');
  const command = "rig run wifi-outage --seed 5 --set outages=2 --limit lost=3 --limit 'recovery p99=4000.5'";
  t.true(output.includes(`${command}\n`), output);
  t.is(lab.runs[0]?.labels.repeat, command);
  const words = ['run', 'wifi-outage', '--seed', '5', '--set', 'outages=2'];
  await lab.rigOf([...words, '--limit', 'lost=3', '--limit', 'recovery p99=4000.5']);
  const [first, again] = lab.runs.map(({ scenario, parameters, seed, labels }) => ({
    measurements: scenario.measurements(parameters, DEFAULT_SERVER),
    parameters,
    seed,
    labels,
  }));
  t.deepEqual(again, first);
});

test('a limit on the command line has the last word over the suite, where the scenario has it', async (t) => {
  const lab = new Lab(t).write(
    'lab.yaml',
    suite('{scenario: wifi-outage, limits: {lost: 3}}', '{scenario: steady}'),
  );
  t.is((await lab.rig('run lab.yaml --limit lost=7')).status, 0);
  t.is(lab.runs[0]?.labels.repeat?.match(/--limit \S+/g)?.join(), '--limit lost=7');
  t.notRegex(lab.runs[1]?.labels.repeat ?? '', /--limit/);
  for (const [words, message] of [
    ['--limit lost', /^rig: --limit lost: write name=value/],
    ['--limit lost=many', /^rig: --limit lost: "many" is not a number/],
    ['--limit lost=1 --limit lost=2', /^rig: --limit lost: it is given twice/],
    ['--limit lsot=1', /^rig: --limit lsot: nothing of this is measured here\. Did you mean "lost"\?/],
  ] as const) {
    const { status, errors } = await lab.rig(`run lab.yaml ${words}`);
    t.is(status, 2);
    t.regex(errors, message);
  }
});

test('a scenario file lies beside the suite file, wherever the command is given', async (t) => {
  const own = (name: string) =>
    `export default { name: '${name}', summary: 'mine', description: 'Mine.', promise: 'None.', needs: [], faults: [], parameters: {}, measurements: () => [], streams: () => [], run: async () => {}, conclude: () => {} };`;
  const lab = new Lab(t)
    .write(
      'suites/lab.yaml',
      suite('{scenario: mine.js}', '{scenario: ../other.js}', '{scenario: ./mine.js}'),
    )
    .write('suites/mine.js', own('mine'))
    .write('other.js', own('other'));
  const { status, output, errors } = await lab.rig('run suites/lab.yaml --seed 1');
  t.is(errors, '');
  t.is(status, 0);
  t.deepEqual(lab.ran(), ['mine 1', 'other 1', 'mine 2']);
  t.true(
    output.includes('rig run ./suites/mine.js --seed 1\n'),
    'the command that repeats it is given from here',
  );
  t.true(output.includes('rig run ./other.js --seed 1\n'));
});

const until = (day: string) =>
  suite(`{scenario: steady, quarantine: {reason: known, until: ${day}}}`, '{scenario: wifi-outage}');
const failing = ({ scenario }: RunRequest): Outcome => (scenario.name === 'steady' ? 'FAIL' : 'PASS');

test('what is in quarantine is run and reported, and does not count, the last day included', async (t) => {
  const lab = new Lab(t).write('lab.yaml', until('2026-06-01'));
  lab.outcomeOf = failing;
  const { status, output } = await lab.rig('run lab.yaml', {}, '2026-06-01T23:59:59.999Z');
  t.is(status, 0);
  t.like(lab.runs.find(({ scenario }) => scenario.name === 'steady')?.labels.quarantine, {
    until: '2026-06-01',
  });
  t.regex(output, /^QUARANTINED steady · its FAIL does not count until 2026-06-01 is over: known$/m);
  t.is(output.trimEnd().split('\n').at(-1), 'PASS 2 runs · 1 PASS · 1 FAIL · 1 quarantined');
});

test('it counts again when the day is over', async (t) => {
  const lab = new Lab(t).write('lab.yaml', until('2026-06-01'));
  lab.outcomeOf = failing;
  const { status, output } = await lab.rig('run lab.yaml', {}, '2026-06-02T00:00:00Z');
  t.is(status, 1);
  t.notRegex(output, /quarantine/i);
  t.true(
    lab.runs.every(({ labels }) => labels.quarantine === undefined),
    'reports count it, too',
  );
});

test('INVALID is excused, a bench that broke and a run that was stopped are not', async (t) => {
  for (const [outcome, expected] of [
    ['INVALID', 0],
    ['ERROR', 4],
    ['ABORTED', 130],
  ] as const) {
    const lab = new Lab(t).write('lab.yaml', until('2026-06-01'));
    lab.outcomeOf = ({ scenario }) => (scenario.name === 'steady' ? outcome : 'PASS');
    t.is((await lab.rig('run lab.yaml')).status, expected, outcome);
  }
});

test('with --json, what does not count is told on standard error', async (t) => {
  const lab = new Lab(t).write('lab.yaml', until('2026-06-01'));
  lab.outcomeOf = failing;
  const { output, errors } = await lab.rig('run lab.yaml --json');
  t.is(output, '');
  t.regex(errors, /^QUARANTINED steady/m);
  t.regex(errors, /^PASS 2 runs · 1 PASS · 1 FAIL · 1 quarantined$/m);
});

const mistakes: readonly [run: string, message: RegExp][] = [
  [
    '{scenario: staedy}',
    /^rig: lab\.yaml:5:16: runs\[1\]\.scenario: There is no scenario "staedy"\. Did you mean "steady"\?/,
  ],
  [
    '{scenario: ./missing.ts}',
    /^rig: lab\.yaml:5:16: runs\[1\]\.scenario: There is no scenario file \.\/missing\.ts/,
  ],
  ['{scenario: all}', /^rig: lab\.yaml:5:16: runs\[1\]\.scenario: all is a suite/],
  ['{scenario: other.yaml}', /^rig: lab\.yaml:5:16: runs\[1\]\.scenario: other\.yaml is a suite/],
  [
    '{scenario: steady, limits: {lsot: 1}}',
    /^rig: lab\.yaml:5:\d+: runs\[1\]\.limits\.lsot: steady has no such measurement/,
  ],
  [
    '{scenario: wifi-outage, limits: {lsot: 1}}',
    /^rig: lab\.yaml:5:\d+: runs\[1\]\.limits\.lsot: wifi-outage has no such measurement\. Did you mean "lost"\?/,
  ],
  [
    '{scenario: steady, parameters: {mesages: 1}}',
    /^rig: lab\.yaml:5:\d+: runs\[1\]\.parameters\.mesages: steady has no such parameter\. Did you mean "messages"\?/,
  ],
  [
    '{scenario: steady, parameters: {messages: 0}}',
    /^rig: lab\.yaml:5:\d+: runs\[1\]\.parameters\.messages: 0 is out of range, which is at least 1/,
  ],
  [
    '{scenario: wifi-outage, parameters: {outage: 8}}',
    /^rig: lab\.yaml:5:\d+: runs\[1\]\.parameters\.outage: "8" is not a duration/,
  ],
];

for (const [run, message] of mistakes) {
  test(`${run} is told with its place before anything runs`, async (t) => {
    const lab = new Lab(t).write('lab.yaml', suite('{scenario: wifi-outage}', run));
    const { status, output, errors } = await lab.rig('run lab.yaml --out out --set outages=3');
    t.regex(errors, message);
    t.is(status, 2);
    t.is(output, '');
    t.deepEqual(lab.runs, []);
    t.deepEqual(readdirSync(lab.path).sort(), ['firmware', 'lab.yaml']);
  });
}

test('a suite file that is not there is told', async (t) => {
  const { status, errors } = await new Lab(t).rig('run lab.yaml');
  t.is(status, 2);
  t.regex(errors, /^rig: lab\.yaml: the suite file cannot be read: /);
});

test('the suites that come with the rig can be planned; the night runs every scenario that ends within it', async (t) => {
  const suites = async () => suitesIn(pathOf('scenarios/suites'));
  const lab = new Lab(t);
  const { status, errors } = await lab.rig('run nightly smoke --seed 5', {
    suites,
    scenarios: realScenarios,
  });
  t.is(errors, '');
  t.is(status, 0);
  const ran = lab.ran();
  t.deepEqual(ran.slice(-3), ['steady 6', 'wifi-outage 7', 'reset-button 6']);
  const atNight = new Set(ran.slice(0, -3).map((run) => run.replace(/ \d+$/, '')));
  // The clock of a physical board takes 7 h 45 min to overflow.
  const wanted = realScenarios.map(({ name }) => name).filter((name) => name !== 'rtc-overflow');
  t.deepEqual([...atNight].sort(), wanted.sort());
});

test('what the command line overrules is wrong in the file all the same', async (t) => {
  const lab = new Lab(t).write('lab.yaml', suite('{scenario: steady, parameters: {messages: 0}}'));
  const { status, errors } = await lab.rig('run lab.yaml --set messages=2');
  t.is(status, 2);
  t.regex(errors, /runs\[0\]\.parameters\.messages: 0 is out of range/);
});
