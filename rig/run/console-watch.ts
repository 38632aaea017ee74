/**
 * Reads the device's console: whole lines with their time, ROM messages among them, and the last lines for a
 * message to a person. Bounded, whatever the device prints.
 */
import type { ConsoleChunk } from '../ports.js';
import { type InstantUs, ORIGIN } from '../time/units.js';
import { NOTHING_SECRET, type Redactor } from './redaction.js';

/** A longer line is cut there; what follows is a line of its own. */
export const CONSOLE_LINE_LIMIT = 500;
/** Lines kept for error messages. */
export const LAST_LINES_KEPT = 20;

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** `ets Jan  8 2013,rst cause:2, boot mode:(3,6)`; some ROMs leave the colon out, some say 2014. */
const ROM_MESSAGE = /ets \w{3}\s+\d+ 201[34],\s*rst cause:? ?(\d+),\s*boot mode:? ?\((\d+),(\d+)\)/;

export interface RomMessage {
  readonly cause: number;
  readonly mode: number;
}

/** The ROM's message in a line, if it is one. */
export function parseRomMessage(line: string): RomMessage | undefined {
  const match = ROM_MESSAGE.exec(line);
  return match === null ? undefined : { cause: Number(match[1]), mode: Number(match[2]) };
}

export interface ConsoleListeners {
  line(text: string, atUs: InstantUs): void;
  rom(message: RomMessage, atUs: InstantUs): void;
}

export class ConsoleWatch {
  private readonly listeners: ConsoleListeners;
  private readonly redactor: Redactor;
  private readonly decoder = new TextDecoder();
  private pending: number[] = [];
  private pendingSince: InstantUs | undefined;
  /** Time of the latest chunk. */
  private latestUs = ORIGIN;
  private readonly kept: string[] = [];

  /** Secrets that the `redactor` knows are in no line, also where one arrives in pieces or a long line is cut. */
  constructor(listeners: ConsoleListeners, redactor: Redactor = NOTHING_SECRET) {
    this.listeners = listeners;
    this.redactor = redactor;
  }

  accept(chunk: ConsoleChunk): void {
    this.latestUs = chunk.atUs;
    for (const byte of chunk.bytes) {
      if (byte === LINE_FEED) this.endLine();
      else if (byte !== CARRIAGE_RETURN) this.extendLine(byte);
    }
  }

  /** Ends a line that the device has not ended. */
  flush(): void {
    if (this.pending.length > 0) this.endLine();
  }

  /** The last lines printed, oldest first, the unfinished one included. */
  lastLines(): string[] {
    const unfinished = this.redactor.text(this.decoder.decode(Uint8Array.from(this.pending)));
    return unfinished === '' ? [...this.kept] : [...this.kept, unfinished];
  }

  private extendLine(byte: number): void {
    this.pendingSince ??= this.latestUs;
    this.pending.push(byte);
    if (this.pending.length >= CONSOLE_LINE_LIMIT) this.cutLine();
  }

  private cutLine(): void {
    const held = this.redactor.openingAtEnd(this.pending);
    const next = this.pending.splice(this.pending.length - held);
    this.endLine();
    this.pending = next;
    if (next.length > 0) this.pendingSince = this.latestUs;
  }

  private endLine(): void {
    const atUs = this.pendingSince;
    const printed = this.decoder.decode(Uint8Array.from(this.pending));
    const text = this.redactor.text(printed);
    this.pending = [];
    this.pendingSince = undefined;
    if (text === '' || atUs === undefined) return;
    this.kept.push(text);
    if (this.kept.length > LAST_LINES_KEPT) this.kept.shift();
    this.listeners.line(text, atUs);
    const message = parseRomMessage(printed);
    // What the device had left of a line when it was reset stands before the message: its end tells the time.
    if (message !== undefined) this.listeners.rom(message, this.latestUs);
  }
}
