/** The published schema is that of the rig, is valid, and judges files as the rig does. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { benchFileJsonSchema } from '../../../rig/bench-file/json-schema.js';
import { pathOf } from '../docs/markdown.js';
import { sample, spoiled } from './sample.js';

const published: object = JSON.parse(readFileSync(pathOf('schemas/bench.schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(published);
const accepts = (text: string): boolean => validate(parse(text));

test('schemas/bench.schema.json is current ("npm run refresh" makes it so)', (t) => {
  t.deepEqual(published, JSON.parse(JSON.stringify(benchFileJsonSchema())));
});

test('it accepts the examples and the sample', (t) => {
  for (const name of readdirSync(pathOf('benches'))) {
    t.true(accepts(readFileSync(pathOf(`benches/${name}`), 'utf8')), name);
  }
  t.true(accepts(sample));
});

test('it refuses what an editor should underline, and speaks of the kind that is meant', (t) => {
  t.false(accepts(spoiled('  timeout', '  timeuot')));
  t.false(accepts(spoiled('200ms', '200')));
  t.false(accepts(spoiled('200ms', '"200"')));
  t.false(accepts(spoiled('bsc', 'i2c-dev')));
  t.false(accepts('kind: virtual\nname: v'));
  t.deepEqual(
    validate.errors?.map(({ message }) => message).filter((message) => /required/.test(message ?? '')),
    ["must have required property 'board'"],
  );
});
