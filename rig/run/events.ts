/**
 * A run is a journal of these events. Results, reports and plots are computed from them alone, so that they
 * can be computed again later, and after a crash too. One event is one line of `journal.jsonl`.
 */

import type { DurationUs, InstantUs } from '../time/units.js';
import type { MeasurementDeclaration, StreamDeclaration } from './declarations.js';
import type { RunLabels } from './labels.js';
import type { Outcome } from './outcome.js';

/** Version of the journal's and the result's format. */
export const SCHEMA_VERSION = 1;

/** The points a message passes, in order; a lost one is located by the last of them. */
export const messagePoints = ['due', 'offered', 'accepted', 'acked', 'delivered'] as const;
export type MessagePoint = (typeof messagePoints)[number];

/** What was going on when a message fell due: nothing, a fault, or the recovery from one. */
export type Phase = 'steady' | 'fault' | 'recovery';

/** How the fault steps are named in a waterfall, in the order in which they usually come. */
export const waterfallSteps = [
  'injected',
  'proved',
  'seen by the client',
  'seen by the server',
  'cleared',
  'ROM message',
  'synchronised',
  'configured',
  'WiFi up',
  'server up',
  'first uplink delivered',
  'first downlink delivered',
  'backlog drained',
] as const;
export type WaterfallStep = (typeof waterfallSteps)[number];

interface EventBodies {
  'run.started': RunLabels & {
    schemaVersion: number;
    scenario: string;
    description: string;
    seed: number;
    parameters: Record<string, string | number | boolean>;
    bench: { name: string; kind: string };
    firmware: { name: string; sha256: string };
    /** Wall-clock time, ISO 8601: a label, never used to measure. */
    startedAt: string;
    measurements: readonly MeasurementDeclaration[];
    streams: readonly StreamDeclaration[];
  };
  /** The run enters a part of itself: `bring-up`, `traffic`, `drain`, `teardown`. */
  'run.part': { part: string };
  'run.ended': { outcome: Outcome; reason?: string; wallMs: number };

  /** A message was decided. Times are those of the points that it passed. */
  message: {
    stream: string;
    sequence: number;
    /** `undecided`: on its way when the run was cut short, and not for long. */
    verdict: 'delivered' | 'lost' | 'unsent' | 'undecided';
    dueUs: InstantUs;
    offeredUs?: InstantUs;
    acceptedUs?: InstantUs;
    ackedUs?: InstantUs;
    deliveredUs?: InstantUs;
    /** It arrived after a later message of its stream. */
    reordered?: true;
    phase: Phase;
    /** The fault in whose window it fell due. */
    fault?: number;
    /** The device's boot during which it fell due. */
    boot: number;
  };
  /** Something arrived that is no first, intact delivery. */
  anomaly: {
    kind: 'duplicated' | 'corrupted' | 'unexpected';
    /** Unknown when the text was too damaged to tell. */
    stream?: string;
    sequence?: number;
    fault?: number;
    /** What arrived, shortened. */
    text: string;
  };

  'fault.injected': { fault: number; kind: string; detail: string };
  /** Another instrument than the actuator saw the fault. */
  'fault.proved': { fault: number; evidence: string };
  'fault.cleared': { fault: number };
  'fault.step': { fault: number; step: WaterfallStep };
  /** Everything works again, backlog included. */
  'fault.recovered': { fault: number };

  /** A ROM message was seen on the device's console. */
  boot: { number: number; cause: number; mode: number; expected: boolean };
  console: { line: string };

  /** The client's link to the device. */
  link: { state: 'down' | 'rebooting' | 'synchronised' | 'configured'; reason?: string };
  /** The device says that its link to the server came up or went down. */
  'device.server': { up: boolean };
  /** The device's own report. */
  'device.report': { connectCount: number; reportNumber: number; memFreeBytes: number };
  /** The device says why it stopped: no WiFi, or no server, at start-up. */
  'device.stopped': { reason: 'bad-wifi' | 'bad-server' };
  /** What the rig's server sees. */
  server: { state: 'connected' | 'reconnected' | 'outage' | 'refused'; client: string; detail?: string };

  /** The instrument's own condition so far, from time to time and at the end. */
  instrument: {
    stallMaxUs: DurationUs;
    missedEdges: number;
    exchange: { count: number; totalUs: DurationUs; maxUs: DurationUs; failed: number };
    floorUs: DurationUs;
  };
  /** The value of a declared measurement. */
  measured: { name: string; value: number };
  /** Something a reader of the journal should know. */
  note: { text: string };
}

export type RunEventType = keyof EventBodies;

/** One event of the run, with its time on the bench's clock. */
export type RunEvent = {
  [Type in RunEventType]: { readonly type: Type; readonly atUs: InstantUs } & Readonly<EventBodies[Type]>;
}[RunEventType];

/** An event of one type. */
export type RunEventOf<Type extends RunEventType> = Extract<RunEvent, { type: Type }>;

/** An event before it is stamped with its time. */
export type RunEventBody = {
  [Type in RunEventType]: { readonly type: Type } & Readonly<EventBodies[Type]>;
}[RunEventType];

/** Where events go: the journal, the result builder, progress, reporters. */
export type EventSink = (event: RunEvent) => void;
