/** `npm run bench`: how fast the rig is, what it adds to a latency, and what memory it takes. Prints; judges nothing. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WIRE_LOOKAHEAD_US } from '../drivers/virtual/esp8266/chip/lookahead.js';
import { benchFloor } from './floor.js';
import type { ChildFigures } from './in-child.js';
import { benchLedger } from './ledger.js';
import { benchReport } from './report.js';

const child = fileURLToPath(new URL('./in-child.js', import.meta.url));
/** In each direction. */
const FEW_MESSAGES = 5_000;
const MANY_MESSAGES = 12_500;
/** Of the journal that is reported. */
const SOAK_MESSAGES = 1_000_000;
const MEGABYTE = 1024 * 1024;

async function inChild(...words: string[]): Promise<ChildFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, ...words]);
  return JSON.parse(stdout);
}

const line = (what: string, value: string, note = '') =>
  process.stdout.write(`${what.padEnd(34)}${value.padStart(12)}  ${note}`.trimEnd().concat('\n'));
const whole = (value: number) => Math.round(value).toLocaleString('en');

const millis = (value: number | null) => `${value?.toFixed(2) ?? '-'} ms`;

const ratio = ({ benchMs, wallMs }: ChildFigures) => `${(benchMs / wallMs).toFixed(0)} x`;
const took = ({ outcome, benchMs, wallMs }: ChildFigures) =>
  `${outcome}, ${whole(benchMs / 1_000)} s in ${(wallMs / 1_000).toFixed(1)} s`;
const longest = ({ exchangeMaxMs }: ChildFigures) => `max ${millis(exchangeMaxMs)}, on the bench's clock`;

const run = await inChild('wifi-outage', 'target');
line('wifi-outage, bench to wall time', ratio(run), took(run));
line('exchanges', `${whole((run.exchanges * 1_000) / run.wallMs)} /s`, 'of wall time, in that run');
line('an exchange, mean', millis(run.exchangeMeanMs), longest(run));
line('from start to a synchronised board', `${whole(run.bootWallMs)} ms`, 'of wall time');

const mirrored = await inChild('wifi-outage', 'controller');
line('wifi-outage, host as controller', ratio(mirrored), took(mirrored));
line('an exchange, mean', millis(mirrored.exchangeMeanMs), longest(mirrored));

const floor = await benchFloor(WIRE_LOOKAHEAD_US);
line('floor of an exchange', millis(floor.virtualMs.target), "on the virtual bench's clock");
line('floor, host as controller', millis(floor.virtualMs.controller));
line('the rig\u2019s own code in it, p50', `${whole(floor.wallP50Us)} µs`, 'of wall time, ideal peer');
line('the rig\u2019s own code in it, p99', `${whole(floor.wallP99Us)} µs`);

const ledger = benchLedger();
line('ledger', `${whole(ledger.messagesPerSecond)} /s`, 'messages from their text');
line('ledger', `${whole(ledger.decodedMessagesPerSecond)} /s`, 'messages decoded before');

const few = await inChild('steady', String(FEW_MESSAGES));
const many = await inChild('steady', String(MANY_MESSAGES));
line('memory (rss)', `${whole(few.rssBytes / MEGABYTE)} MB`, `after ${whole(few.messages)} messages`);
line(
  'memory (rss)',
  `${whole(many.rssBytes / MEGABYTE)} MB`,
  `after ${whole(many.messages)} messages, in ${(many.wallMs / 1_000).toFixed(0)} s`,
);
line(
  'memory, difference',
  `${whole((many.rssBytes - few.rssBytes) / MEGABYTE)} MB`,
  'for the messages between',
);

const report = await benchReport(SOAK_MESSAGES);
line(
  'rig report, processor time',
  `${(report.cpuMs / 1_000).toFixed(1)} s`,
  `${whole(report.messages)} messages, ${whole(report.journalBytes / MEGABYTE)} MB of journal`,
);
line(
  'rig report, memory (rss)',
  `${whole(report.maxRssBytes / MEGABYTE)} MB`,
  `at most, for a page of ${(report.pageBytes / MEGABYTE).toFixed(1)} MB`,
);
