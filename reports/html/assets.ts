/** What each page carries with it: the style sheet, and the script that the build made for it. */
import { readFileSync } from 'node:fs';
import type { PageAssets } from './page.js';

/** This file runs in dist/reports/html. Throws what the file system throws; then the rig was not built. */
export function loadPageAssets(page: 'report' | 'history'): PageAssets {
  return {
    style: readFileSync(new URL('../../../reports/html/style.css', import.meta.url), 'utf8'),
    script: readFileSync(new URL(`./client/${page}.js`, import.meta.url), 'utf8'),
  };
}
