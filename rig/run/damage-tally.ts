/** What arrived that was no first, intact delivery, by the kind of fault that was under way. */
import type { RunEventOf } from './events.js';

export interface AnomalyCount {
  readonly kind: RunEventOf<'anomaly'>['kind'];
  /** The kind of fault, such as `wifi-outage`; undefined when none was under way. */
  readonly fault: string | undefined;
  readonly count: number;
}

type Counted = { -readonly [Key in keyof AnomalyCount]: AnomalyCount[Key] };

/** There are as few counts as kinds of anomaly and fault. */
export class DamageTally {
  private readonly all: Counted[] = [];

  note(kind: AnomalyCount['kind'], fault: string | undefined): void {
    const known = this.all.find((each) => each.kind === kind && each.fault === fault);
    if (known === undefined) this.all.push({ kind, fault, count: 1 });
    else known.count += 1;
  }

  counts(): readonly AnomalyCount[] {
    return this.all.map((each) => ({ ...each }));
  }
}
