/** Writes what is made from the schema of bench files: its JSON Schema and the table of keys (`npm run refresh`). */
import { readFileSync, writeFileSync } from 'node:fs';
import { benchFileJsonSchema } from '../../../rig/bench-file/json-schema.js';
import { pathOf } from '../docs/markdown.js';
import { withReference } from './reference.js';

writeFileSync(
  pathOf('schemas/bench.schema.json'),
  `${JSON.stringify(benchFileJsonSchema(), undefined, 2)}\n`,
);
const page = pathOf('docs/bench-file.md');
writeFileSync(page, withReference(readFileSync(page, 'utf8')));
