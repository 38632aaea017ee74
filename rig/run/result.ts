/** `result.json`: what a run came to. A JSON Schema for it is `schemas/result.schema.json`. */
import type { Direction, Limit } from './declarations.js';
import type { MessagePoint, WaterfallStep } from './events.js';
import type { Outcome } from './outcome.js';

export interface LatencySummary {
  count: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
}

export type LatencyByPhase = { steady: LatencySummary; fault: LatencySummary; recovery: LatencySummary };

export interface StreamResult {
  name: string;
  direction: Direction;
  qos: boolean;
  wait: boolean;
  due: number;
  delivered: number;
  lost: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  unsent: number;
  /** On their way when the run was cut short; none in a run that came to its end. */
  undecided: number;
  /** Exact 95 % upper bound of the loss rate (Clopper–Pearson); what is undecided may be lost, and counts as that here. */
  lossUpperBound95: number;
  /** Delivered − due: what a user waits, free of coordinated omission. */
  response: LatencyByPhase;
  /** Delivered − accepted: what the link takes. */
  service: LatencyByPhase;
}

export interface MeasurementResult {
  name: string;
  unit: string;
  /** Null when it was never measured, which is never a pass. */
  value: number | null;
  limit: Limit;
  /** `RECORDED`: measured, without a limit. `UNSET`: declared but never measured. */
  outcome: 'PASS' | 'FAIL' | 'RECORDED' | 'UNSET';
}

export interface LossRecord {
  stream: string;
  sequence: number;
  lastPoint: MessagePoint;
  fault?: number;
  boot: number;
  dueMs: number;
}

export interface FaultResult {
  number: number;
  kind: string;
  detail: string;
  injectedAtMs: number;
  evidence: string | null;
  provedAtMs: number | null;
  clearedAtMs: number | null;
  recoveredAtMs: number | null;
  waterfall: { step: WaterfallStep; atMs: number }[];
  lost: number;
  duplicated: number;
  reordered: number;
}

export interface RunResult {
  schemaVersion: number;
  scenario: string;
  outcome: Outcome;
  reason?: string;
  seed: number;
  parameters: Record<string, string | number | boolean>;
  bench: { name: string; kind: string };
  firmware: { name: string; sha256: string };
  /** Wall-clock time, ISO 8601. */
  startedAt: string;
  /** The command that runs just this again. */
  repeat?: string;
  /** The commit that was checked out where the run was started. */
  commit?: string;
  /** The run was known to be broken: a FAIL or INVALID does not count. */
  quarantine?: { reason: string; until: string };
  wallMs: number;
  /** Time on the bench's clock. */
  benchMs: number;
  measurements: MeasurementResult[];
  streams: StreamResult[];
  /** The first `LOSSES_KEPT`. */
  losses: LossRecord[];
  lossesNotShown: number;
  /** Arrived intact although no message on its way: never sent, or decided as lost before. In the journal, one by one. */
  unexpected: number;
  /** The first `FAULTS_KEPT`, and the latest one. */
  faults: FaultResult[];
  faultsNotShown: number;
  /** The first `BOOTS_KEPT`. */
  boots: { number: number; atMs: number; cause: number; mode: number; expected: boolean }[];
  bootsNotShown: number;
  reports: {
    count: number;
    memFreeFirst: number | null;
    memFreeLast: number | null;
    connectCount: number | null;
  };
  instrument: {
    stallMaxMs: number;
    missedEdges: number;
    exchange: { count: number; failed: number; meanMs: number; maxMs: number };
    /** The rig's own share of latency: one exchange on an ideal wire. */
    floorMs: number;
  };
}

/** Losses listed one by one in `result.json`; further ones are counted. */
export const LOSSES_KEPT = 1_000;
/** Faults listed one by one, and boots. */
export const FAULTS_KEPT = 1_000;
export const BOOTS_KEPT = 1_000;
