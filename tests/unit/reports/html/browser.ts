/** A real browser for pages. Where none is installed, tests that need one are skipped, or fail where CI wants them. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = [
  process.env.RIG_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser's program, or undefined. Throws where `RIG_NEEDS_BROWSER` is set and there is none. */
export function findBrowser(): string | undefined {
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found === undefined && process.env.RIG_NEEDS_BROWSER !== undefined) {
    throw new Error('RIG_NEEDS_BROWSER is set, and there is no Chromium: apt-get install chromium');
  }
  return found;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
