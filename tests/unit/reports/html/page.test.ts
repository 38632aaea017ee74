/** The report in a real browser: it draws, zooms, and says what the result says; hostile text stays text. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { Browser, Page } from 'playwright-core';
import { historyEntry } from '../../../../reports/history/enter.js';
import { historyPage } from '../../../../reports/history/page.js';
import { loadPageAssets } from '../../../../reports/html/assets.js';
import { reportPage } from '../../../../reports/html/page.js';
import { type RunModel, RunModelBuilder } from '../../../../reports/model/run-model.js';
import { POINTS_KEPT } from '../../../../reports/model/stream-model.js';
import { type MadeUpJournal, madeUpJournal } from '../made-up-journal.js';
import { madeUpFailure, madeUpResult } from '../made-up-run.js';
import { findBrowser, launch } from './browser.js';

const program = findBrowser();
const browserTest = program === undefined ? test.skip : test.serial;
const folder = mkdtempSync(join(tmpdir(), 'rig-page-'));
let browser: Browser | undefined;

test.before(async () => {
  if (program !== undefined) browser = await launch(program);
});

test.after.always(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

function modelOf(options: MadeUpJournal): RunModel {
  const builder = new RunModelBuilder();
  for (const event of madeUpJournal(options)) builder.apply(event);
  return builder.model();
}

interface Opened {
  readonly page: Page;
  /** What the page complained about, and what it tried to fetch. */
  readonly complaints: readonly string[];
}

async function open(text: string, look: { width?: number; dark?: boolean } = {}): Promise<Opened> {
  const path = join(folder, `${Math.random()}.html`);
  writeFileSync(path, text);
  const page = await browser?.newPage({
    viewport: { width: look.width ?? 1_280, height: 900 },
    colorScheme: look.dark === true ? 'dark' : 'light',
  });
  if (page === undefined) throw new Error('there is no browser');
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:') && !request.url().startsWith('data:'))
      complaints.push(request.url());
  });
  await page.goto(pathToFileURL(path).href);
  return { page, complaints };
}

const report = (model: RunModel, warnings: readonly string[] = []): string =>
  reportPage(model, { assets: loadPageAssets('report'), warnings, repeat: 'rig run made-up' });

/** Charts that have drawn something: a canvas with more than one colour. */
const drawn = (page: Page): Promise<Record<string, boolean>> =>
  page.evaluate(`Object.fromEntries([...document.querySelectorAll('.chart')].map((chart) => {
    const canvas = chart.querySelector('canvas');
    const data = canvas?.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) colours.add(data[i] + ',' + data[i + 1] + ',' + data[i + 2] + ',' + data[i + 3]);
    return [chart.id, colours.size > 2];
  }))`);

for (const look of [{}, { dark: true }, { width: 390 }, { width: 390, dark: true }]) {
  const name = `${look.width === undefined ? 'desktop' : 'phone'}, ${look.dark === true ? 'dark' : 'light'}`;
  browserTest(
    `${name}: every chart draws, nothing is fetched, nothing complains, nothing is wider than the screen`,
    async (t) => {
      const { page, complaints } = await open(report(modelOf({ loseEvery: 50 })), look);
      t.deepEqual(complaints, []);
      const charts = await drawn(page);
      t.true(Object.keys(charts).length >= 8);
      t.true(Object.values(charts).every(Boolean), JSON.stringify(charts));
      t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
      await page.close();
    },
  );
}

browserTest('the numbers on the page are those of the result', async (t) => {
  const model = modelOf({ loseEvery: 50, outcome: 'FAIL', reason: 'lost is 6, the limit is 0.' });
  const { page } = await open(report(model));
  const text = await page.innerText('main');
  t.is(await page.innerText('.outcome'), 'FAIL');
  for (const { name, delivered, lost } of model.result.streams) {
    const row = page.locator('#messages tr', { hasText: name }).first();
    t.true((await row.innerText()).includes(`${delivered}\t${lost}`), await row.innerText());
  }
  const [measurement] = model.result.measurements;
  t.true((await page.locator('#measurements').innerText()).includes(`${measurement?.value} messages`));
  const [where, each] = [page.locator('#losses table').first(), page.locator('#losses table').nth(1)];
  t.is(await where.locator('tbody').innerText(), `uplink\taccepted\t${model.result.losses.length}`);
  t.is(await each.locator('tbody tr').count(), model.result.losses.length);
  t.true(text.includes(model.result.faults[0]?.evidence ?? 'missing'));
  t.true(text.includes(model.result.firmware.sha256));
  await page.close();
});

browserTest(
  'pointing at a span tells what it is; a click on "show" zooms all charts over time',
  async (t) => {
    const { page, complaints } = await open(report(modelOf({})));
    const line = page.locator('#time-line canvas');
    const box = await line.boundingBox();
    const before = await line.screenshot();
    await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 24);
    await page.waitForTimeout(200);
    t.false(before.equals(await line.screenshot()), 'a tooltip has appeared');
    const latency = page.locator('#latency-0 canvas');
    await page.mouse.move(2, 2);
    await page.waitForTimeout(200);
    const whole = await latency.screenshot();
    await page.locator('#faults [data-zoom]').first().click();
    await page.waitForTimeout(400);
    t.false(whole.equals(await latency.screenshot()), 'the latencies have zoomed too');
    await page.getByText('whole run').click();
    await page.waitForTimeout(400);
    t.deepEqual(complaints, []);
    await page.close();
  },
);

browserTest('with more messages than are kept one by one, their density is drawn', async (t) => {
  const model = modelOf({ messages: POINTS_KEPT + 1 });
  t.is(model.streams[0]?.points.length, 0);
  const { page, complaints } = await open(report(model));
  t.deepEqual(complaints, []);
  t.true((await drawn(page))['latency-0']);
  await page.close();
});

browserTest('text of the device stays text', async (t) => {
  const hostile =
    '</script><script>document.title="broken"</script><img src=x onerror="document.title=1"> <b id=bold>bold</b>';
  const model = modelOf({
    consoleLine: hostile,
    scenario: hostile,
    outcome: 'FAIL',
    reason: `${hostile}\n${hostile}`,
  });
  const { page, complaints } = await open(report(model, [hostile]));
  t.deepEqual(complaints, []);
  t.true((await page.title()).startsWith('FAIL </script>'));
  t.is(await page.locator('#bold').count(), 0);
  t.true((await page.locator('#console').textContent())?.includes(hostile));
  await page.close();
});

browserTest('a journal without any message still makes a page', async (t) => {
  const builder = new RunModelBuilder();
  for (const event of madeUpJournal({}).slice(0, 2)) builder.apply(event);
  const { page, complaints } = await open(
    report(builder.model(), ['journal.jsonl:3: the last line is torn']),
  );
  t.deepEqual(complaints, []);
  t.true((await page.innerText('main')).includes('The journal ends before the run did'));
  t.true((await page.innerText('main')).includes('the last line is torn'));
  await page.close();
});

browserTest('the page of the history draws its calendar and trends', async (t) => {
  const runs = [historyEntry(madeUpResult({ commit: 'c0ffee' })), historyEntry(madeUpFailure())];
  for (const look of [{}, { width: 390, dark: true }]) {
    const { page, complaints } = await open(historyPage(runs, loadPageAssets('history')), look);
    t.deepEqual(complaints, []);
    const charts = await drawn(page);
    t.true(
      charts.calendar === true && charts['latency-0'] === true && charts['loss-0'] === true,
      JSON.stringify(charts),
    );
    t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
    await page.close();
  }
});
