/** The commands as a user meets them: what they print where, what they leave behind, how they end. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Command, Help } from 'commander';
import { commandEntries } from '../../../cli/commands.js';
import { processSurroundings } from '../../../cli/surroundings.js';
import { runInProcess } from './in-process.js';
import { type Ended, RigFolder } from './spawn-rig.js';
import { standIn } from './stand-in.js';

const folders: RigFolder[] = [];
const folder = (): RigFolder => {
  const made = new RigFolder();
  folders.push(made);
  return made;
};

/** Runs a command in this process, in a folder like `folder()`; most of what a command says can be seen so. */
const rig = (
  here: RigFolder,
  words: readonly string[],
  behaviour = 'pass',
  environment = {},
): Promise<Ended> =>
  runInProcess(words, {
    composition: standIn(behaviour, join(here.path, 'firmware')),
    workingDirectory: here.path,
    environment,
  });

test.after.always(() => {
  for (const made of folders) made.remove();
});

const wrong: readonly [words: string, message: RegExp][] = [
  ['', /Name a command, such as/],
  ['rnu steady', /unknown command 'rnu' \(Did you mean run\?\)/],
  ['run', /missing required argument 'scenario'/],
  ['run wifi-outag', /no scenario "wifi-outag"\. Did you mean "wifi-outage"\?/],
  ['run steady nothing-like-it', /no scenario "nothing-like-it"\. Known: wifi-outage, steady, all\./],
  ['run ./missing.ts', /no scenario file \.\/missing\.ts/],
  ['run steady --sed 3', /unknown option '--sed'/],
  ['run steady --report pdf', /--report pdf: "pdf" is no report\. Known: html, junit, markdown\./],
  ['run steady --report html,', /--report html,: "" is no report/],
  ['run steady --seed', /'--seed <n>' argument missing/],
  ['run steady --seed x', /--seed: "x" is not a whole number/],
  ['run steady --seed -1', /--seed: -1 is out of range, which is 0 to 4294967295/],
  ['run steady --repeat 0', /--repeat: 0 is out of range/],
  ['run steady --set outages=3', /--set outages: steady has no such parameter/],
  ['run wifi-outage --set outages', /--set outages: write name=value/],
  ['run wifi-outage --set outage=8', /--set outage: "8" is not a duration/],
  ['run wifi-outage --set outages=1001', /--set outages: 1001 is out of range, which is 1 to 1000/],
  ['run steady --firmware nowhere', /--firmware nowhere: there is no such file or directory/],
  ['run steady --firmware empty', /--firmware empty: there is neither main\.py nor boot\.py/],
  ['run steady --firmware=', /--firmware: the directory has no name/],
  ['run steady --bench lab.yaml', /--bench lab\.yaml: there is no such file/],
  ['run steady --out=', /--out: the directory has no name/],
  ['run steady --out firmware', /--out firmware: it is not empty/],
  ['run steady --out /proc/rig-was-here', /cannot be written to \/proc\/rig-was-here .* --out DIR/],
  ['list --jsn', /unknown option '--jsn' \(Did you mean --json\?\)/],
  ['show', /missing required argument 'scenario'/],
  ['show nothing-like-it', /no scenario "nothing-like-it"/],
];

for (const [words, message] of wrong) {
  test(`"rig ${words}" is told on one line, ends with 2 and writes nothing`, async (t) => {
    const here = folder();
    mkdirSync(join(here.path, 'empty'));
    const before = readdirSync(here.path);
    const { status, output, errors } = await rig(
      here,
      words.split(' ').filter((word) => word !== ''),
    );
    t.regex(errors, message);
    t.regex(errors, /^rig: [^\n]+\n$/);
    t.is(output, '');
    t.is(status, 2);
    t.deepEqual(readdirSync(here.path), before);
  });
}

test('a bench.yaml in the folder is not passed over', async (t) => {
  const here = folder();
  writeFileSync(join(here.path, 'bench.yaml'), 'name: lab-3\n');
  const { status, errors } = await rig(here, ['run', 'steady']);
  t.regex(errors, /^rig: bench\.yaml: 3 things are wrong in this file\./);
  t.is(status, 2);
});

test('a run ends with its outcome line and leaves its folder', async (t) => {
  const here = folder();
  const { status, output, errors } = await here.rig(['run', 'steady', '--seed', '42', '--out', 'out']);
  t.is(errors, '');
  t.is(status, 0);
  t.regex(output, /^steady, seed 42, firmware firmware\n/);
  t.regex(output.trimEnd().split('\n').at(-1) ?? '', /^PASS steady seed 42 · /);
  t.notRegex(output, /[^\P{Cc}\n]/u, 'no redrawing and no colours elsewhere than in a terminal');
  t.deepEqual(readdirSync(join(here.path, 'out')).sort(), ['console.log', 'journal.jsonl', 'result.json']);
});

test('without --seed, the seed is new and printed', async (t) => {
  const here = folder();
  const { output } = await rig(here, ['run', 'steady']);
  const [, seed] = /^steady, seed (\d+)/.exec(output) ?? [];
  t.truthy(seed);
  t.true(output.includes(`rig run steady --seed ${seed}`));
});

test('the command that repeats a run has the parameters that were set', async (t) => {
  const here = folder();
  const words = ['run', 'wifi-outage', '--seed', '1', '--set', 'outage=1500ms', '--set', 'outages=6'];
  const { output } = await rig(here, [...words, '--firmware', './firmware']);
  t.true(output.includes('rig run wifi-outage --seed 1 --set outage=1.5s --firmware ./firmware\n'));
});

for (const [behaviour, expected] of [
  ['fail', 1],
  ['invalid', 3],
  ['break', 4],
] as const) {
  test(`a bench that lets a run ${behaviour} ends the command with ${expected}`, async (t) => {
    const { status, output } = await rig(folder(), ['run', 'wifi-outage', '--seed', '5'], behaviour);
    t.is(status, expected);
    t.regex(output.trimEnd().split('\n').at(-1) ?? '', /^(FAIL|INVALID|ERROR) wifi-outage seed \d+ · /);
  });
}

test('what is thrown where nobody catches it ends the process with 4', async (t) => {
  const { status, output } = await folder().rig(['run', 'wifi-outage', '--seed', '5'], 'crash');
  t.is(status, 4);
  t.regex(output.trimEnd().split('\n').at(-1) ?? '', /^ERROR wifi-outage seed \d+ · /);
});

test('a bench that breaks is told on one line; the stack is for RIG_DEBUG', async (t) => {
  const here = folder();
  const { errors } = await rig(here, ['run', 'steady'], 'break');
  t.is(errors, 'rig: the board fell off the table\n');
  const debugged = await rig(here, ['run', 'steady'], 'break', { RIG_DEBUG: '1' });
  t.regex(debugged.errors, /TypeError: the board fell off the table\n +at /);
});

test('with --json, standard output has events and nothing else', async (t) => {
  const here = folder();
  const { status, output, errors } = await rig(here, [
    'run',
    'steady',
    '--json',
    '--seed',
    '7',
    '--out',
    'out',
  ]);
  t.is(status, 0);
  t.regex(errors, /^PASS steady seed 7 · [^\n]+\n$/);
  t.is(output, readFileSync(join(here.path, 'out', 'journal.jsonl'), 'utf8'));
  t.is(JSON.parse(output.split('\n')[0] ?? '').type, 'run.started');
});

test('a run whose journal could not be written whole is INVALID, in the last line, result.json and status', async (t) => {
  const here = folder();
  const { status, output, errors } = await here.rig(['run', 'steady', '--out', 'out'], 'pass', {
    RIG_FILE_BLOCKS: '40',
  });
  t.is(status, 3);
  t.regex(errors, /out: journal\.jsonl lacks \d+ events/);
  t.regex(output.trimEnd().split('\n').at(-1) ?? '', /^INVALID steady .* journal\.jsonl lacks \d+ events/);
  t.is(JSON.parse(readFileSync(join(here.path, 'out', 'result.json'), 'utf8')).outcome, 'INVALID');
});

test('"all" and --repeat run everything, each repetition with the next seed, and sum up', async (t) => {
  const here = folder();
  const { status, output } = await rig(here, ['run', 'all', '--repeat', '2', '--seed', '4294967295']);
  t.is(status, 0);
  const lines = output.split('\n');
  t.deepEqual(
    lines.filter((line) => line.startsWith('PASS ')).map((line) => line.split(' · ')[0]),
    [
      'PASS wifi-outage seed 4294967295',
      'PASS steady seed 4294967295',
      'PASS wifi-outage seed 0',
      'PASS steady seed 0',
      'PASS 4 runs',
    ],
  );
  t.is(readdirSync(join(here.path, 'runs')).filter((name) => name !== 'history.db').length, 4);
});

test('a reader that goes away does not end the run', async (t) => {
  const here = folder();
  const { child, ended } = here.start(['run', 'steady', '--json', '--out', 'out']);
  child.stdout.destroy();
  const { status } = await ended;
  t.is(status, 0);
  t.true(existsSync(join(here.path, 'out', 'result.json')));
});

const own = `import { defineScenario, ms, seconds } from 'wifi-hil-rig';
const count: number = 3;
export default defineScenario({
  name: 'my-outage', summary: 'mine', description: 'Mine.', promise: 'None.', needs: [], faults: [],
  parameters: { pause: { kind: 'duration', description: 'a pause', default: seconds(count), min: ms(1) } },
  measurements: () => [], streams: () => [], run: async () => {}, conclude: () => {},
});
`;

test('a file of the user runs wherever it lies, and imports this very package', async (t) => {
  const here = folder();
  writeFileSync(join(here.path, 'my-outage.ts'), own);
  const shown = await rig(here, ['show', './my-outage.ts']);
  t.is(shown.errors, '');
  t.regex(shown.output, /pause +3s +at least 1ms +a pause/);
  const run = await rig(here, ['run', 'my-outage.ts', '--seed', '1', '--set', 'pause=2s']);
  t.is(run.status, 0);
  t.regex(run.output, /PASS my-outage seed 1/);
  t.regex(run.output, /rig run my-outage\.ts --seed 1 --set pause=2s/);
});

test('a file of the user that is no scenario is told what it lacks', async (t) => {
  const show = async (text: string) => {
    // In a folder of its own: a process loads a file once.
    const here = folder();
    writeFileSync(join(here.path, 'mine.js'), text);
    const { status, errors } = await rig(here, ['show', './mine.js']);
    t.is(status, 2);
    t.regex(errors, /^rig: \.\/mine\.js: [^\n]+\n$/);
    return errors;
  };
  t.regex(await show('export const x = 1;'), /default export/);
  t.regex(await show('export default { name: "My Outage" };'), /name must be lower-case words/);
  t.regex(await show("import { nothing } from 'no-such-package';"), /cannot be loaded\. .*no-such-package/);
  t.regex(await show('export default {'), /cannot be loaded/);
  t.regex(await show('throw new Error("not today");'), /not today/);
});

test('"rig list" has a line for each scenario and suite, and the same as JSON', async (t) => {
  const here = folder();
  const { output, status } = await rig(here, ['list']);
  t.is(status, 0);
  t.regex(output, /^wifi-outage +the access point fails .* +access point$/m);
  t.regex(output, /^all +every scenario/m);
  const listed = JSON.parse((await rig(here, ['list', '--json'])).output);
  t.deepEqual(listed.suites[0].scenarios, ['wifi-outage', 'steady']);
  t.deepEqual(listed.scenarios[0].needs, ['accessPoint']);
});

test('"rig show" has all that is declared', async (t) => {
  const { output } = await rig(folder(), ['show', 'wifi-outage']);
  for (const part of ['Promise', 'Faults', 'Parameters', 'Streams', 'Measurements', 'Needs']) {
    t.regex(output, new RegExp(`^${part}$`, 'm'));
  }
  t.regex(output, /outages +6 +1 to 1000 +How often the access point fails\./);
  t.regex(output, /lost +messages +exactly 0 +Never arrived\./);
  t.true(output.split('\n').every((line) => line.length <= 100));
});

test('help and version are no errors', async (t) => {
  const here = folder();
  const help = await here.rig(['run', '--help']);
  t.is(help.status, 0);
  t.regex(help.output, /--seed <n>[\s\S]*Exit status: 0 PASS, 1 FAIL, 2 wrong usage/);
  t.deepEqual(await rig(here, ['help', 'run']), help);
  t.deepEqual(await here.rig(['--version']), { status: 0, output: '0.0.0\n', errors: '' });
});

test('"rig --help" says of each command what the command itself says, although it loads none', async (t) => {
  const here = folder();
  const { output } = await rig(here, ['--help']);
  const tools = {
    surroundings: processSurroundings(),
    composition: async () => standIn('pass', here.path),
    end: () => undefined,
  };
  for (const entry of commandEntries) {
    const program = new Command();
    await entry.add(program, tools);
    const [command] = program.commands;
    const term = command === undefined ? '' : new Help().subcommandTerm(command);
    t.is(`${entry.name} ${entry.usage}`, term);
    t.is<string | undefined, string>(command?.summary(), entry.summary);
    t.true(output.includes(`  ${term} `) && output.includes(entry.summary), term);
  }
});
