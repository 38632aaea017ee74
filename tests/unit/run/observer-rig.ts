/** An observer with a log of faults, and every event that they emit. */
import { FaultLog } from '../../../rig/faults/fault-log.js';
import type { Direction } from '../../../rig/run/declarations.js';
import type { RunEventBody } from '../../../rig/run/events.js';
import { Observer } from '../../../rig/run/observer.js';
import { type InstantUs, ORIGIN } from '../../../rig/time/units.js';

export interface Surroundings {
  now: InstantUs;
  drained: boolean;
  readonly finished: Set<Direction>;
  readonly events: RunEventBody[];
  readonly struck: number[];
  boots: number;
}

export function makeObserver(clock?: { now(): InstantUs }, romSpeaks = false) {
  const around: Surroundings = {
    now: ORIGIN,
    drained: true,
    finished: new Set(),
    events: [],
    struck: [],
    boots: 0,
  };
  const emit = (body: RunEventBody) => around.events.push(body);
  const faults = new FaultLog({
    now: () => clock?.now() ?? around.now,
    emit,
    onInjected: (fault) => around.struck.push(fault),
    backlogDrained: () => around.drained,
    isFinished: (direction) => around.finished.has(direction),
  });
  const observer = new Observer({
    emit,
    faults,
    romSpeaks,
    onBoot: () => {
      around.boots += 1;
    },
  });
  return { around, faults, observer };
}

/** The types of events, with the step for those of a fault. */
export function brief(events: readonly RunEventBody[]): string[] {
  return events.map((event) => (event.type === 'fault.step' ? `step: ${event.step}` : event.type));
}
