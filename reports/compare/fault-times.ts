/** How long faults took to be noticed and to be over, fault by fault: what a declared maximum shows only the end of. */
import type { FaultResult } from '../../rig/run/result.js';

export interface FaultTimes {
  readonly detectionMs: readonly number[];
  readonly recoveryMs: readonly number[];
}

/** By the kind of the fault, in the order of the run. */
export function faultTimes(faults: readonly FaultResult[]): ReadonlyMap<string, FaultTimes> {
  return new Map(
    [...new Set(faults.map(({ kind }) => kind))].map((kind) => {
      const ofKind = faults.filter((fault) => fault.kind === kind);
      return [kind, { detectionMs: ofKind.flatMap(detection), recoveryMs: ofKind.flatMap(recovery) }];
    }),
  );
}

function detection({ injectedAtMs, waterfall }: FaultResult): number[] {
  const seen = waterfall
    .filter(({ step }) => step === 'seen by the client' || step === 'seen by the server')
    .map(({ atMs }) => atMs - injectedAtMs);
  return seen.length === 0 ? [] : [Math.min(...seen)];
}

const recovery = ({ clearedAtMs, recoveredAtMs }: FaultResult): number[] =>
  clearedAtMs === null || recoveredAtMs === null ? [] : [recoveredAtMs - clearedAtMs];

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}
