/** The documents agree with themselves, with the sources and with the scenarios that there are. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dirname, join as joinPosix, normalize } from 'node:path/posix';
import test from 'ava';
import { parameterValues, parseAssignments, requireDeclared } from '../../../cli/parameters.js';
import { suitesIn } from '../../../cli/suites.js';
import { scenarios } from '../../../scenarios/index.js';
import {
  codeBlocks,
  type Document,
  documents,
  fragmentsOf,
  linksOf,
  pathOf,
  readme,
  runCommandsOf,
  sectionOf,
} from './markdown.js';

/** Where a relative link leads: a path in the repository, and a fragment. */
function targetOf(document: Document, link: string): { path: string; fragment: string | undefined } {
  const [path = '', fragment] = link.split('#');
  return {
    path: path === '' ? document.path : normalize(joinPosix(dirname(document.path), path)),
    fragment,
  };
}

function isBroken(document: Document, link: string): boolean {
  const { path, fragment } = targetOf(document, link);
  if (!existsSync(pathOf(path))) return true;
  if (fragment === undefined) return false;
  const target = documents.find((each) => each.path === path);
  return target === undefined || !fragmentsOf(target).includes(fragment);
}

test('every relative link of the documents leads somewhere', (t) => {
  const relative = documents.flatMap((document) =>
    linksOf(document)
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => ({ document, link })),
  );
  t.true(relative.length > 30, 'the links are found');
  const broken = relative.filter(({ document, link }) => isBroken(document, link));
  t.deepEqual(
    broken.map(({ document, link }) => `${document.path}: ${link}`),
    [],
  );
});

test('a link to what does not exist is found to be broken', (t) => {
  const document = { path: 'docs/made-up.md', text: '' };
  t.true(isBroken(document, 'nowhere.md'));
  t.true(isBroken(document, 'protocol.md#nowhere'));
  t.false(isBroken(document, 'protocol.md#3-one-exchange'));
  t.false(isBroken(document, '../README.md'));
});

const SOURCE_FOLDERS = ['rig', 'drivers', 'scenarios', 'reports', 'cli', 'firmware', 'tests', 'bench'];

function* sourceTexts(): Generator<{ path: string; text: string }> {
  for (const folder of SOURCE_FOLDERS) {
    for (const name of readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (/\.(ts|py)$/.test(name)) yield { path, text: readFileSync(pathOf(path), 'utf8') };
    }
  }
}

test('every section that a source cites exists', (t) => {
  const wrong: string[] = [];
  let cited = 0;
  for (const { path, text } of sourceTexts()) {
    for (const [citation, name, numbers] of text.matchAll(
      /(docs\/[\w-]+\.md)(?: ((?:§\d+[ ,–-]*(?:and )?)+))?/g,
    )) {
      cited += 1;
      const document = documents.find((each) => each.path === name);
      const sections = (numbers ?? '').match(/\d+/g) ?? [];
      const exist = document !== undefined && sections.every((n) => document.text.includes(`\n## ${n}. `));
      if (!exist && name !== 'docs/made-up.md') wrong.push(`${path}: ${citation}`);
    }
  }
  t.true(cited > 20, 'the citations are found');
  t.deepEqual(wrong, []);
});

test("the README's table names every scenario and no other", (t) => {
  const named = [...sectionOf(readme, '## Scenarios').matchAll(/^\| `([\w-]+)` \|/gm)].map(
    ([, name]) => name,
  );
  t.deepEqual(
    named,
    scenarios.map(({ name }) => name),
  );
});

const suites = suitesIn(pathOf('scenarios/suites')).map(({ suite }) => suite.name);

test('every run that a document shows names scenarios and parameters that exist, with values in range', (t) => {
  const commands = documents.flatMap((document) =>
    runCommandsOf(document).map((command) => ({ document, command })),
  );
  t.true(commands.length > 5, 'the commands are found');
  for (const { document, command } of commands) {
    const own = command.scenarios.filter(
      (word) => /^[a-z][\w-]*$/.test(word) && ![...suites, 'all'].includes(word),
    );
    for (const word of own) {
      const scenario = scenarios.find(({ name }) => name === word);
      t.truthy(scenario, `${document.path}: ${word}`);
      if (scenario === undefined) continue;
      const assignments = parseAssignments(command.settings);
      t.notThrows(
        () => {
          requireDeclared(assignments, [scenario]);
          parameterValues(scenario.parameters, assignments);
        },
        `${document.path}: ${word} ${command.settings.join(' ')}`,
      );
    }
  }
});

/** Rows of the table of measurements in a printed summary: name and unit, outcome and value left out. */
function printedMeasurements(summary: string): string[] {
  const [, table = ''] = /\nMeasurements\n[^\n]*\n(.*?)\n\n/s.exec(summary) ?? [];
  return table.split('\n').map((row) => {
    const [name, , unit] = row.slice(8).trim().split(/ {2,}/);
    return `${name}, ${unit}`;
  });
}

test("the README's run has the measurements that wifi-outage declares", (t) => {
  const wifiOutage = scenarios.find(({ name }) => name === 'wifi-outage');
  const declared = wifiOutage?.measurements(parameterValues(wifiOutage.parameters, [])) ?? [];
  const shown = codeBlocks(readme, 'text').find((block) => block.startsWith('wifi-outage, seed 42'));
  t.deepEqual(
    printedMeasurements(shown ?? ''),
    declared.map(({ name, unit }) => `${name}, ${unit}`),
  );
});

/** Files and folders of the repository that a text names: `rig/ports.ts`, `drivers/pi/`. */
const namedPaths = ({ text }: Document): string[] =>
  [
    ...text.matchAll(
      /`((?:bench|ci|cli|docs|drivers|firmware|reports|rig|scenarios|schemas|tests)\/[\w./-]*)`/g,
    ),
  ].map(([, path = '']) => path);

test('every file and folder that a document names exists', (t) => {
  const named = documents.flatMap((document) =>
    namedPaths(document).map((path) => ({ document: document.path, path })),
  );
  t.true(named.length > 20, 'the documents name some');
  t.deepEqual(
    named.filter(({ path }) => !existsSync(pathOf(path))),
    [],
  );
});

test('the sample of the speed measurements has the lines that they print, in order', (t) => {
  const contributing = documents.find(({ path }) => path === 'CONTRIBUTING.md');
  const sample = contributing === undefined ? [] : codeBlocks(contributing, 'text');
  const program = readFileSync(pathOf('bench/main.ts'), 'utf8').replaceAll('\\u2019', '’');
  const printed = [...program.matchAll(/^line\(\s*'([^']*)'/gm)].map(([, what = '']) => what);
  t.true(printed.length > 5, 'the program prints some');
  t.deepEqual(
    (sample[0] ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, 34).trimEnd()),
    printed,
  );
});

const EXAMPLE = 'docs/examples/my-outage.ts';

test("the README's scenario is the example, and passes", (t) => {
  const source = readFileSync(pathOf(EXAMPLE), 'utf8');
  t.true(codeBlocks(readme, 'ts').includes(source), 'the same text');
  const folder = mkdtempSync(join(tmpdir(), 'rig-docs-'));
  try {
    const words = ['run', pathOf(EXAMPLE), '--seed', '1', '--out', join(folder, 'run')];
    const ended = spawnSync(process.execPath, [pathOf('dist/cli/rig.js'), ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
    t.is(ended.status, 0, ended.stderr);
    const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
    t.true(last.startsWith('PASS my-outage seed 1 '), last);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
