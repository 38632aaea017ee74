/** Watches a console for one text, wherever it comes, also in the middle of a line that something else prints. */
import type { UartConsole } from '../ports.js';
import type { Clock } from '../time/clock.js';
import type { InstantUs } from '../time/units.js';

export class ConsoleMark {
  /** When it first came, since `forget`. */
  firstUs: InstantUs | undefined;
  private readonly unsubscribe: () => void;
  private tail = '';

  constructor(console: UartConsole, text: string, clock: Clock) {
    this.unsubscribe = console.onChunk(({ bytes }) => {
      const shown = this.tail + Buffer.from(bytes).toString('latin1');
      if (shown.includes(text)) this.firstUs ??= clock.now();
      // As much as a text that is not complete yet may have.
      this.tail = shown.includes(text) ? '' : shown.slice(1 - text.length);
    });
  }

  /** What came before does not count. */
  forget(): void {
    this.firstUs = undefined;
    this.tail = '';
  }

  stop(): void {
    this.unsubscribe();
  }
}
