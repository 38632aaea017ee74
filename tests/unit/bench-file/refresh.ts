/** Writes what is made from the schemas of bench and suite files: their JSON Schemas and the table of keys (`npm run refresh`). */
import { readFileSync, writeFileSync } from 'node:fs';
import { benchFileJsonSchema } from '../../../rig/bench-file/json-schema.js';
import { suiteFileJsonSchema } from '../../../rig/suite-file/suite-file.js';
import { pathOf } from '../docs/markdown.js';
import { withReference } from './reference.js';

writeFileSync(
  pathOf('schemas/bench.schema.json'),
  `${JSON.stringify(benchFileJsonSchema(), undefined, 2)}\n`,
);
writeFileSync(
  pathOf('schemas/suite.schema.json'),
  `${JSON.stringify(suiteFileJsonSchema(), undefined, 2)}\n`,
);
const page = pathOf('docs/bench-file.md');
writeFileSync(page, withReference(readFileSync(page, 'utf8')));
