/** docs/bench-file.md lists every key of the schema. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadBenchFile } from '../../../rig/bench-file/load.js';
import { pathOf } from '../docs/markdown.js';
import { withReference } from './reference.js';
import { spoiled } from './sample.js';

const page = readFileSync(pathOf('docs/bench-file.md'), 'utf8');

test('the tables in docs/bench-file.md are current ("npm run refresh" makes them so)', (t) => {
  t.is(withReference(page), page);
});

test('they have the keys of every driver, each with a default or the word that it is required', (t) => {
  for (const row of [
    '| `power.hub` | text | required | with driver uhubctl: ',
    '| `power.sense.rail` | [pin](#a-pin) | required | with driver comparator: ',
    '| `link.i2c.driver` | `bsc`, `i2c-dev` | required | ',
    '| `link.i2c.address` | 0x08 to 0x77 | `0x12` | ',
    '| `server.timeout` | duration | `1500ms` | ',
  ]) {
    t.true(page.includes(`\n${row}`), row);
  }
});

test('the mistakes that the page shows are told as it shows them', (t) => {
  const text = spoiled('ina219', 'ina21', spoiled('200ms', '200', spoiled('  timeout', '  timeuot')));
  const error = t.throws(() => loadBenchFile(text, 'bench.yaml'));
  t.true(page.includes(`\`\`\`text\nrig: ${error?.message}\n`), error?.message);
});
