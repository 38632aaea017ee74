/** `--json`: events as JSON lines, for a program that reads along. */
import { formatEvent } from '../rig/run/event-json.js';
import type { EventSink } from '../rig/run/events.js';
import type { TextOutput } from './surroundings.js';

/** Messages come in masses and are written in blocks of this size; any other event is written at once. */
const BLOCK_CHARACTERS = 16 * 1024;

export interface EventLines {
  readonly sink: EventSink;
  /** Writes what is pending. */
  flush(): void;
}

export function eventLines(output: TextOutput): EventLines {
  let pending = '';
  const flush = () => {
    if (pending !== '') output.write(pending);
    pending = '';
  };
  return {
    sink: (event) => {
      pending += `${formatEvent(event)}\n`;
      if (event.type !== 'message' || pending.length >= BLOCK_CHARACTERS) flush();
    },
    flush,
  };
}
