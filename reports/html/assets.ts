/** What each report carries with it: the style sheet, and the script that the build made. */
import { readFileSync } from 'node:fs';
import type { PageAssets } from './page.js';

/** This file runs in dist/reports/html. Throws what the file system throws; then the rig was not built. */
export function loadPageAssets(): PageAssets {
  return {
    style: readFileSync(new URL('../../../reports/html/style.css', import.meta.url), 'utf8'),
    script: readFileSync(new URL('./client.js', import.meta.url), 'utf8'),
  };
}
