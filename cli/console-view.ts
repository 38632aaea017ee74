/** What a device prints, on the user's terminal as it comes, or as plain lines where there is no terminal. */
import { printable } from '../reports/text/printable.js';
import type { ConsoleChunk } from '../rig/ports.js';
import { ConsoleWatch } from '../rig/run/console-watch.js';
import type { Redactor } from '../rig/run/redaction.js';
import type { InstantUs } from '../rig/time/units.js';
import type { TextOutput } from './surroundings.js';

export interface ConsoleView {
  show(chunk: ConsoleChunk): void;
  /** Ends a line that the device has not ended. */
  flush(): void;
}

/**
 * `timestamps`: each line begins with its time, in seconds since the console was opened. Lines, which may go into a file,
 * are without the secrets that the `redactor` knows.
 */
export function consoleView(output: TextOutput, timestamps: boolean, redactor: Redactor): ConsoleView {
  const stamp = timestamps ? timeStamp : () => '';
  return output.isTty ? new TerminalView(output, stamp) : plainView(output, stamp, redactor);
}

type Stamp = (atUs: InstantUs) => string;

const timeStamp: Stamp = (atUs) => `[${(atUs / 1_000_000).toFixed(3).padStart(9)}] `;

/** Lines, harmless to whatever reads them. */
function plainView(output: TextOutput, stamp: Stamp, redactor: Redactor): ConsoleView {
  const line = (text: string, atUs: InstantUs) => output.write(`${stamp(atUs)}${printable(text)}\n`);
  const watch = new ConsoleWatch({ line, rom: () => undefined }, redactor);
  return { show: (chunk) => watch.accept(chunk), flush: () => watch.flush() };
}

/** Everything at once and unchanged, so that prompts, echoes and colours work. */
class TerminalView implements ConsoleView {
  private readonly output: TextOutput;
  private readonly stamp: Stamp;
  private readonly decoder = new TextDecoder();
  private isAtLineBegin = true;

  constructor(output: TextOutput, stamp: Stamp) {
    this.output = output;
    this.stamp = stamp;
  }

  show({ bytes, atUs }: ConsoleChunk): void {
    const text = this.decoder.decode(bytes, { stream: true });
    for (const piece of text.split(/(?<=\n)/)) this.showPiece(piece, atUs);
  }

  flush(): void {
    if (!this.isAtLineBegin) this.output.write('\n');
    this.isAtLineBegin = true;
  }

  /** `piece` is of one line. */
  private showPiece(piece: string, atUs: InstantUs): void {
    if (piece === '') return;
    // A line begins with what can be seen, not with the carriage return before it.
    const begins = this.isAtLineBegin && /[^\r\n]/.test(piece);
    this.output.write(`${begins ? this.stamp(atUs) : ''}${piece}`);
    this.isAtLineBegin = piece.endsWith('\n') || (this.isAtLineBegin && !begins);
  }
}
