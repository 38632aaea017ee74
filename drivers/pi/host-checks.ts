/**
 * Is the host fit to measure? What it says of itself under /proc and /sys, and how punctual its timers are. A path
 * that does not exist says nothing about the host: other kernels do without it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, ok, warning } from '../../rig/doctor/finding.js';
import { HOST_STALL } from '../../rig/link/exchanger.js';
import type { Clock } from '../../rig/time/clock.js';
import { elapsed, later, ms, toMs } from '../../rig/time/units.js';

const DEVICE = 'host';
/** Clock sources whose reading costs a system call or worse, or that are known to jump (kernel: clocksource ratings). */
const POOR_CLOCK_SOURCES = ['jiffies', 'refined-jiffies', 'acpi_pm', 'hpet'];
/** Timers tried: 50 of 4 ms take a fifth of a second. */
const TIMERS_TRIED = 50;
const TIMER_INTERVAL = ms(4);
/** hwmon's undervoltage alarm of the Raspberry Pi firmware (drivers/hwmon/raspberrypi-hwmon.c). */
const UNDERVOLTAGE_ALARM = 'in0_lcrit_alarm';

/** `root` is `/`, or a copy of its /proc and /sys. */
export async function* checkHost(clock: Clock, signal: AbortSignal, root = '/'): AsyncGenerator<Finding> {
  const read = (path: string): string | undefined => readText(join(root, path));
  const model = read('proc/device-tree/model') ?? 'no Raspberry Pi (no /proc/device-tree/model)';
  const kernel = read('proc/sys/kernel/osrelease') ?? 'unknown';
  yield ok(DEVICE, `${model}, kernel ${kernel}, Node ${process.versions.node}`);
  yield* clockSource(read('sys/devices/system/clocksource/clocksource0/current_clocksource'));
  yield* governors(root);
  yield* undervoltage(root);
  yield await timers(clock, signal);
}

function* clockSource(source: string | undefined): Generator<Finding> {
  if (source === undefined) return;
  if (!POOR_CLOCK_SOURCES.includes(source)) {
    yield ok(DEVICE, `clock source ${source}`);
    return;
  }
  yield warning(
    DEVICE,
    `clock source ${source}: coarse, or slow to read`,
    'See /sys/devices/system/clocksource/clocksource0/available_clocksource for a better one.',
  );
}

function* governors(root: string): Generator<Finding> {
  const folder = join(root, 'sys/devices/system/cpu');
  const found = new Set(
    names(folder)
      .filter((name) => /^cpu\d+$/.test(name))
      .flatMap((name) => readText(join(folder, name, 'cpufreq/scaling_governor')) ?? []),
  );
  if (found.size === 0) return;
  if ([...found].every((governor) => governor === 'performance')) {
    yield ok(DEVICE, 'CPU governor performance');
    return;
  }
  yield warning(
    DEVICE,
    `CPU governor ${[...found].join(', ')}: the clock rate changes under load, and latencies with it`,
    'For measurements: echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
  );
}

function* undervoltage(root: string): Generator<Finding> {
  const folder = join(root, 'sys/class/hwmon');
  const alarms = names(folder).flatMap((name) => readText(join(folder, name, UNDERVOLTAGE_ALARM)) ?? []);
  if (alarms.length === 0) return;
  if (!alarms.includes('1')) {
    yield ok(DEVICE, 'supply voltage of the Pi is fine');
    return;
  }
  yield warning(
    DEVICE,
    'the Pi reports undervoltage',
    'It slows down and may reset: use its own supply of 5.1 V, and feed the device from another.',
  );
}

/** How late timers are: what is late by more than the stall limit would make runs INVALID. */
async function timers(clock: Clock, signal: AbortSignal): Promise<Finding> {
  let worstMs = 0;
  for (let tried = 0; tried < TIMERS_TRIED; tried += 1) {
    const due = later(clock.now(), TIMER_INTERVAL);
    await clock.sleep('doctor: timer', TIMER_INTERVAL, signal);
    worstMs = Math.max(worstMs, toMs(elapsed(due, clock.now())));
  }
  const text = `${TIMERS_TRIED} timers of ${toMs(TIMER_INTERVAL)} ms were late by ${worstMs.toFixed(1)} ms at most`;
  if (worstMs <= toMs(HOST_STALL) / 10) return ok(DEVICE, text);
  return warning(
    DEVICE,
    text,
    `Something else keeps this host busy. A stall of ${toMs(HOST_STALL)} ms makes a run INVALID.`,
  );
}

function readText(path: string): string | undefined {
  try {
    // Device tree strings end with a zero byte.
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
