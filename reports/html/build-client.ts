/** Build step: the scripts of the pages, each with the charting library in one file, which every page carries with it. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** This file runs in dist/reports/html; the sources are not compiled there, since they are the browser's. */
const repository = new URL('../../../', import.meta.url);

const entries = ['report', 'history'];

await build({
  entryPoints: entries.map((name) => fileURLToPath(new URL(`reports/html/client/${name}.ts`, repository))),
  outdir: fileURLToPath(new URL('./client', import.meta.url)),
  bundle: true,
  minify: true,
  format: 'iife',
  // Browsers of 2021 and later: a report is opened years after, not years before.
  target: 'es2021',
  legalComments: 'inline',
  logLevel: 'warning',
});
