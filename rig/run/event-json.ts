/**
 * Run events as lines of JSON, and back. Writing fixes the order of the keys; reading checks every field, since
 * a journal may come from an older or newer rig, a crash, or an editor.
 */
import { messageOf } from '../errors.js';
import {
  type RunEvent,
  type RunEventOf,
  type RunEventType,
  SCHEMA_VERSION,
  waterfallSteps,
} from './events.js';
import { outcomes } from './outcome.js';

type Check = (value: unknown) => boolean;
type FieldNames<Type extends RunEventType> = Exclude<keyof RunEventOf<Type>, 'type' | 'atUs'>;
/** A check for each field of each event: the compiler sees to it that none is forgotten. */
type FieldChecks = { readonly [Type in RunEventType]: Readonly<Record<FieldNames<Type>, Check>> };

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
const mapOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);

const limit: Check = (value) =>
  shape({ kind: oneOf(['atMost', 'atLeast', 'equal']), value: number })(value) ||
  shape({ kind: oneOf(['none']) })(value);
const direction = oneOf(['uplink', 'downlink']);
const phase = oneOf(['steady', 'fault', 'recovery']);

const fieldChecks: FieldChecks = {
  'run.started': {
    schemaVersion: number,
    scenario: text,
    description: text,
    seed: number,
    parameters: mapOf((value) => text(value) || number(value) || flag(value)),
    bench: shape({ name: text, kind: text }),
    firmware: shape({ name: text, sha256: text }),
    startedAt: text,
    repeat: optional(text),
    commit: optional(text),
    quarantine: optional(shape({ reason: text, until: text })),
    measurements: listOf(shape({ name: text, unit: text, description: text, limit })),
    streams: listOf(
      shape({
        name: text,
        direction,
        qos: flag,
        wait: flag,
        periodUs: number,
        burst: optional(number),
        count: number,
        sizeBytes: number,
      }),
    ),
  },
  'run.part': { part: text },
  'run.ended': { outcome: oneOf(outcomes), reason: optional(text), wallMs: number },
  message: {
    stream: text,
    sequence: number,
    verdict: oneOf(['delivered', 'lost', 'unsent', 'undecided']),
    dueUs: number,
    offeredUs: optional(number),
    acceptedUs: optional(number),
    ackedUs: optional(number),
    deliveredUs: optional(number),
    reordered: optional(oneOf([true])),
    phase,
    fault: optional(number),
    boot: number,
  },
  anomaly: {
    kind: oneOf(['duplicated', 'corrupted', 'unexpected']),
    stream: optional(text),
    sequence: optional(number),
    fault: optional(number),
    text,
  },
  'fault.injected': { fault: number, kind: text, detail: text },
  'fault.proved': { fault: number, evidence: text },
  'fault.cleared': { fault: number },
  'fault.step': { fault: number, step: oneOf(waterfallSteps) },
  'fault.recovered': { fault: number },
  boot: { number, cause: number, mode: number, expected: flag },
  console: { line: text },
  link: { state: oneOf(['down', 'rebooting', 'synchronised', 'configured']), reason: optional(text) },
  'device.server': { up: flag },
  'device.report': { connectCount: number, reportNumber: number, memFreeBytes: number },
  'device.stopped': { reason: oneOf(['bad-wifi', 'bad-server']) },
  server: {
    state: oneOf(['connected', 'reconnected', 'outage', 'refused']),
    client: text,
    detail: optional(text),
  },
  instrument: {
    stallMaxUs: number,
    missedEdges: number,
    exchange: shape({ count: number, totalUs: number, maxUs: number, failed: number }),
    floorUs: number,
  },
  measured: { name: text, value: number },
  note: { text },
};

/** The same as lists: a journal of a soak has millions of lines. */
const checkLists: ReadonlyMap<string, readonly (readonly [name: string, check: Check])[]> = new Map(
  Object.entries(fieldChecks).map(([type, checks]) => [type, Object.entries(checks)]),
);

/** `,"name":` for each field of each event, in order. */
const fieldKeys: ReadonlyMap<string, readonly { name: string; key: string }[]> = new Map(
  Object.entries(fieldChecks).map(([type, checks]) => [
    type,
    Object.keys(checks).map((name) => ({ name, key: `,${JSON.stringify(name)}:` })),
  ]),
);

/** The event as one line of JSON without line end: type and time first, then its fields in a fixed order. */
export function formatEvent(event: RunEvent): string {
  const fields: Readonly<Record<string, unknown>> = event;
  let line = `{"type":"${event.type}","atUs":${JSON.stringify(event.atUs)}`;
  for (const { name, key } of fieldKeys.get(event.type) ?? []) {
    const value = fields[name];
    if (value !== undefined) line += key + JSON.stringify(value);
  }
  return `${line}}`;
}

/** What a line came to: an event, perhaps with a warning, or the reason why it is none. */
export type ParsedLine =
  | { readonly event: RunEvent; readonly warning?: string }
  | { readonly event?: never; readonly warning: string };

/** Reads one line of a journal. Never throws. */
export function parseEvent(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { warning: `not JSON: ${messageOf(error)}` };
  }
  if (!isRecord(value)) return { warning: 'not an event' };
  const { type } = value;
  if (typeof type !== 'string') return { warning: 'not an event: it has no type' };
  if (!isEventType(type)) return { warning: `unknown event type "${type}"` };
  if (!isEvent(value)) return { warning: `the event "${type}" has no valid "${wrongField(type, value)}"` };
  if (value.type === 'run.started' && value.schemaVersion > SCHEMA_VERSION) {
    const warning =
      `written by a newer rig (format ${value.schemaVersion}, this one knows ${SCHEMA_VERSION}): ` +
      'what is new in it is left out';
    return { event: value, warning };
  }
  return { event: value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isEventType = (type: string): type is RunEventType => Object.hasOwn(fieldChecks, type);

function isEvent(value: Record<string, unknown>): value is Record<string, unknown> & RunEvent {
  const { type } = value;
  return typeof type === 'string' && isEventType(type) && wrongField(type, value) === undefined;
}

/** The first field that is missing or of the wrong kind. */
function wrongField(type: RunEventType, value: Record<string, unknown>): string | undefined {
  const { atUs } = value;
  if (!number(atUs)) return 'atUs';
  for (const [name, check] of checkLists.get(type) ?? []) {
    if (!check(value[name])) return name;
  }
  return undefined;
}
