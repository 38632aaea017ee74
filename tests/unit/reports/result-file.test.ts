import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeResultFile } from '../../../reports/json/result-file.js';
import { madeUpFailure } from './made-up-run.js';

test('the result is written whole, as JSON that reads back', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rig-result-'));
  const path = join(folder, 'result.json');
  const result = madeUpFailure();
  writeResultFile(path, result);
  const text = readFileSync(path, 'utf8');
  t.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(result)));
  t.true(text.startsWith('{\n  "schemaVersion": '));
  t.true(text.endsWith('}\n'));
  t.deepEqual(readdirSync(folder), ['result.json']);
  rmSync(folder, { recursive: true });
});

test('where it cannot be written, nothing is left behind', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rig-result-'));
  t.throws(() => writeResultFile(join(folder, 'missing', 'result.json'), madeUpFailure()), {
    code: 'ENOENT',
  });
  t.false(existsSync(join(folder, 'missing')));
  t.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});
