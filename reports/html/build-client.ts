/** Build step: the report's script and its charting library in one file, which every report carries with it. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** This file runs in dist/reports/html; the sources are not compiled there, since they are the browser's. */
const repository = new URL('../../../', import.meta.url);

await build({
  entryPoints: [fileURLToPath(new URL('reports/html/client/main.ts', repository))],
  outfile: fileURLToPath(new URL('./client.js', import.meta.url)),
  bundle: true,
  minify: true,
  format: 'iife',
  // Browsers of 2021 and later: a report is opened years after, not years before.
  target: 'es2021',
  legalComments: 'inline',
  logLevel: 'warning',
});
