/** Does the switch really cut the supply? The rail is switched off and on, and its instrument is asked. */
import { RAIL_OFF_VOLTS } from '../faults/injector.js';
import type { PowerSwitch } from '../ports.js';
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
    if ((await power.railVolts()) === undefined) {
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
  const { volts, tookMs } = await settle(patient, power, (value) => value < RAIL_OFF_VOLTS);
  if (volts < RAIL_OFF_VOLTS)
    return ok(DEVICE, `off: the rail fell to ${volts.toFixed(2)} V in ${tookMs} ms`);
  return failed(
    DEVICE,
    `off: the rail stays at ${volts.toFixed(2)} V`,
    volts < RAIL_ON_VOLTS
      ? 'The board is fed through its signal lines: check pull-ups, console TX and a USB cable in the board.'
      : 'The switch does not switch: check its control line, activeLow, and that the sensor sits behind it.',
  );
}

async function checkOn(patient: Patient, power: PowerSwitch): Promise<Finding> {
  const { volts, tookMs } = await settle(patient, power, (value) => value >= RAIL_ON_VOLTS);
  if (volts >= RAIL_ON_VOLTS)
    return ok(DEVICE, `on: the rail is at ${volts.toFixed(2)} V after ${tookMs} ms`);
  return failed(
    DEVICE,
    `on: the rail is at ${volts.toFixed(2)} V only`,
    'Check the supply, the switch and the way from there to the sensor.',
  );
}

/** Polls until the rail is as wanted, or for as long as a rail may take. */
async function settle(
  { clock, signal }: Patient,
  power: PowerSwitch,
  settled: (volts: number) => boolean,
): Promise<{ volts: number; tookMs: number }> {
  const startUs = clock.now();
  for (;;) {
    const volts = (await power.railVolts()) ?? Number.NaN;
    if (settled(volts) || clock.now() >= later(startUs, SETTLE_LIMIT)) {
      return { volts, tookMs: Math.round(toMs(elapsed(startUs, clock.now()))) };
    }
    await clock.sleep('doctor: rail', POLL, signal);
  }
}
