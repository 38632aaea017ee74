/** Hands every event to many readers, and keeps them apart: one that throws is counted and stops no other. */
import type { EventSink } from '../rig/run/events.js';

export interface Reader {
  /** For the message when it fails: `journal`, `progress`. */
  readonly name: string;
  readonly sink: EventSink;
}

/** How often a reader threw, and what it threw first. */
export interface ReaderFailure {
  readonly name: string;
  readonly count: number;
  readonly first: unknown;
}

export interface FanOut {
  readonly sink: EventSink;
  failures(): readonly ReaderFailure[];
}

/** A sink that calls every reader in order, with each event. */
export function fanOut(readers: readonly Reader[]): FanOut {
  const failed = new Map<Reader, ReaderFailure>();
  return {
    sink: (event) => {
      for (const reader of readers) {
        try {
          reader.sink(event);
        } catch (error) {
          const before = failed.get(reader);
          failed.set(reader, {
            name: reader.name,
            count: (before?.count ?? 0) + 1,
            first: before === undefined ? error : before.first,
          });
        }
      }
    },
    failures: () => [...failed.values()],
  };
}
