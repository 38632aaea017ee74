/** Does the switch really cut the supply? The rail is switched off and on, and its instrument is asked. */
import { fallText, isRailOff, RAIL_OFF_VOLTS, stayText } from '../faults/rail.js';
import type { PowerSwitch, RailReading } from '../ports.js';
import { elapsed, later, ms, seconds, toMs } from '../time/units.js';
import { type Finding, failed, ok, warning } from './finding.js';
import { missing, type Patient } from './patient.js';

/** An ESP8266 runs from 2.5 V up (ESP8266EX datasheet, table 5-1); the rail measured may be that before a regulator. */
const RAIL_ON_VOLTS = 2.5;
const SETTLE_LIMIT = seconds(2);
const POLL = ms(5);

const DEVICE = 'power';

export async function* checkSupply(patient: Patient): AsyncGenerator<Finding> {
  const absent = missing(patient, DEVICE, ['power']);
  const { power } = patient.ports;
  if (absent !== undefined || power === undefined) {
    if (absent !== undefined) yield absent;
    return;
  }
  await patient.ports.syn?.release();
  await power.off();
  try {
    if ((await power.rail()) === undefined) {
      yield warning(
        DEVICE,
        'switched, but nothing on this bench measures the rail',
        'Without an instrument power cuts cannot be proved, and such runs end as INVALID: add power.sense.',
      );
      return;
    }
    yield await checkOff(patient, power);
  } finally {
    await power.on();
  }
  yield await checkOn(patient, power);
}

async function checkOff(patient: Patient, power: PowerSwitch): Promise<Finding> {
  const { reading, tookMs } = await settle(patient, power, isRailOff);
  if (reading !== undefined && isRailOff(reading))
    return ok(DEVICE, `off: ${fallText(reading)} in ${tookMs} ms`);
  return failed(
    DEVICE,
    `off: ${stayText(reading)}`,
    isBetween(reading)
      ? 'The board is fed through its signal lines: check pull-ups, console TX and a USB cable in the board.'
      : 'The switch does not switch: check its control line, activeLow, and that the sensor sits behind it.',
  );
}

async function checkOn(patient: Patient, power: PowerSwitch): Promise<Finding> {
  const { reading, tookMs } = await settle(patient, power, isRailOn);
  if (isRailOn(reading)) return ok(DEVICE, `on: the rail is ${upText(reading)} after ${tookMs} ms`);
  return failed(
    DEVICE,
    `on: the rail is ${upText(reading)}`,
    'Check the supply, the switch and the way from there to the sensor.',
  );
}

/** Neither off nor on: something else feeds it. */
const isBetween = (reading: RailReading | undefined): boolean =>
  reading?.kind === 'voltmeter' && reading.volts >= RAIL_OFF_VOLTS && reading.volts < RAIL_ON_VOLTS;

function isRailOn(reading: RailReading | undefined): boolean {
  if (reading === undefined) return false;
  return reading.kind === 'voltmeter' ? reading.volts >= RAIL_ON_VOLTS : reading.isUp;
}

function upText(reading: RailReading | undefined): string {
  if (reading?.kind === 'voltmeter') return `at ${reading.volts.toFixed(2)} V`;
  return isRailOn(reading) ? 'up, by the comparator' : 'not up';
}

/** Polls until the rail is as wanted, or for as long as a rail may take. */
async function settle(
  { clock, signal }: Patient,
  power: PowerSwitch,
  isSettled: (reading: RailReading) => boolean,
): Promise<{ reading: RailReading | undefined; tookMs: number }> {
  const startUs = clock.now();
  for (;;) {
    const reading = await power.rail();
    if ((reading !== undefined && isSettled(reading)) || clock.now() >= later(startUs, SETTLE_LIMIT)) {
      return { reading, tookMs: Math.round(toMs(elapsed(startUs, clock.now()))) };
    }
    await clock.sleep('doctor: rail', POLL, signal);
  }
}
