/** Checks the import rules over all sources, and that the check itself can fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { breaches, rules, type Source } from './import-rules.js';
import { importSpecifiers } from './import-specifiers.js';

/** This file runs in dist/tests/unit/architecture. */
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const notOurs = new Set(['node_modules', 'dist', 'runs']);

function sources(folder = ''): Source[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return notOurs.has(entry.name) || entry.name.startsWith('.') ? [] : sources(path);
    return /\.[cm]?tsx?$/.test(entry.name)
      ? [{ path, text: readFileSync(join(repository, path), 'utf8') }]
      : [];
  });
}

test('the sources keep the import rules', (t) => {
  const all = sources();
  t.true(all.length > 20, 'the sources are found');
  t.deepEqual(breaches(all), []);
});

test('the sources of every folder with a rule are looked at where there are any', (t) => {
  const all = sources();
  for (const folder of ['rig', 'reports', 'cli', 'tests']) {
    t.true(
      all.some(({ path }) => path.startsWith(`${folder}/`)),
      folder,
    );
    t.true(
      rules.some((rule) => rule.folder === folder),
      folder,
    );
  }
});

const breach = (path: string, text: string): string[] => breaches([{ path, text }]);

const forbidden: readonly [path: string, text: string][] = [
  ['rig/a.ts', "import { x } from 'serialport';"],
  ['rig/a.ts', "import '../drivers/virtual/b.js';"],
  ['rig/run/a.ts', "export * from '../../reports/b.js';"],
  ['rig/a.ts', "import fs from 'fs';"],
  ['rig/a.ts', 'await import(name);'],
  ['rig/a.ts', "type T = import('../cli/b.js').T;"],
  ['rig/a.ts', "const x = require('serialport');"],
  ['drivers/virtual/a.ts', "import { x } from '../pi/b.js';"],
  ['drivers/virtual/a.ts', "import { x } from 'i2c-bus';"],
  ['drivers/virtual/a.ts', "import { x } from '../../scenarios/b.js';"],
  ['drivers/pi/a.ts', "import { x } from '../virtual/b.js';"],
  ['scenarios/a.ts', "import { x } from '../drivers/virtual/b.js';"],
  ['scenarios/a.ts', "import { x } from 'commander';"],
  ['reports/terminal/a.ts', "import { x } from '../../cli/b.js';"],
  ['reports/a.ts', "import { x } from '../rigged/b.js';"],
  ['cli/a.ts', "import { x } from '../tests/b.js';"],
  ['bench/a.ts', "import { x } from '../tests/b.js';"],
  ['tools/a.ts', ''],
  ['firmware/link/a.ts', ''],
  ['drivers/virtual/esp8266/modules/a.ts', ''],
];

for (const [path, text] of forbidden) {
  test(`a breach is found: ${path} with ${text === '' ? 'nothing in it' : text}`, (t) => {
    t.is(breach(path, text).length, 1);
  });
}

test('what the rules allow is no breach', (t) => {
  t.deepEqual(breach('rig/a.ts', "import { Histogram } from 'hdr-histogram-js'; import 'node:fs';"), []);
  t.deepEqual(breach('drivers/virtual/a.ts', "import { Clock } from '../../rig/time/clock.js';"), []);
  t.deepEqual(
    breach('cli/a.ts', "import '../drivers/virtual/b.js'; import 'commander'; await import(path);"),
    [],
  );
  t.deepEqual(breach('tests/unit/a.test.ts', "import '../../cli/b.js'; import test from 'ava';"), []);
});

test('a hardware package in two files of the drivers is a breach', (t) => {
  const text = "import bus from 'i2c-bus';";
  t.deepEqual(breach('drivers/pi/a.ts', text), []);
  const found = breaches(['drivers/pi/a.ts', 'drivers/pi/b.ts'].map((path) => ({ path, text })));
  t.is(found.length, 1);
  t.regex(found[0] ?? '', /i2c-bus/);
});

test('every form of import is seen', (t) => {
  const source = `
    import a, { b as from } from 'one';
    import type { c } from "two";
    import * as d
      from 'three';
    import 'four';
    export { e } from 'five';
    export * from 'six';
    const f = await import('seven');
    const g = require('eight');
    const h = await import(computed);
    type I = import('nine').I;
    const j = \`\${await import('ten')} from 'nothing'\`;
  `;
  t.deepEqual(importSpecifiers(source), [
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    undefined,
    'nine',
    'ten',
  ]);
});

test('what only looks like an import is not taken for one', (t) => {
  const source = `
    // import 'comment';
    /* export * from 'comment'; */
    const a = "import 'string'";
    const b = \`import 'template' \${ { c: '}' }.c } from 'template'\`;
    const d = /import 'regexp'|["'\`/]/.test(a) ? 1 / 2 : 3;
    Array.from('abc');
    jiti.import(path);
    import.meta.url;
    import 'real';
  `;
  t.deepEqual(importSpecifiers(source), ['real']);
});
