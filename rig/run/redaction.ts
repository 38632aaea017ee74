/**
 * Keeps secrets out of whatever a run writes: text that holds one, in any of the spellings in which firmware prints
 * it, or a piece of one where text was cut.
 */
import type { RunEvent } from './events.js';

/** What stands where a secret was. */
export const REDACTED = '[secret]';

/** Shortest piece of a secret that is looked for where text is cut: half of the shortest passphrase of WPA. */
const SHORTEST_PIECE = 4;

export class Redactor {
  /** Spellings of the secrets, the longest first: one may contain another. */
  private readonly spellings: readonly string[];
  private readonly encoded: readonly Buffer[];
  private readonly whole: RegExp | undefined;
  private readonly pieces: readonly RegExp[];

  /** Empty secrets hide nothing. */
  constructor(secrets: readonly string[]) {
    const all = secrets.filter((secret) => secret !== '').flatMap(spellingsOf);
    this.spellings = [...new Set(all)].sort((a, b) => b.length - a.length);
    this.encoded = this.spellings.map((spelling) => Buffer.from(spelling));
    this.whole = anyOf(this.spellings);
    this.pieces = this.spellings.filter(({ length }) => length > SHORTEST_PIECE).flatMap(pieceAtCut);
  }

  /** The text without secrets. */
  text(text: string): string {
    if (this.whole === undefined) return text;
    const whole = text.replaceAll(this.whole, REDACTED);
    return this.pieces.reduce((rest, piece) => rest.replaceAll(piece, REDACTED), whole);
  }

  /**
   * How many of the last bytes may be the beginning of a secret whose rest is still to come: who cuts a stream into
   * lines keeps them for the next one.
   */
  openingAtEnd(bytes: readonly number[]): number {
    let longest = 0;
    for (const secret of this.encoded) {
      for (let length = Math.min(secret.length - 1, bytes.length); length > longest; length -= 1) {
        const from = bytes.length - length;
        if (secret.subarray(0, length).every((byte, index) => bytes[from + index] === byte)) longest = length;
      }
    }
    return longest;
  }

  /** The event with its free texts redacted. */
  event(event: RunEvent): RunEvent {
    if (this.whole === undefined) return event;
    const redact = (text: string) => this.text(text);
    switch (event.type) {
      case 'note':
      case 'anomaly':
        return { ...event, text: redact(event.text) };
      case 'console':
        return { ...event, line: redact(event.line) };
      case 'link':
      case 'run.ended':
        return event.reason === undefined ? event : { ...event, reason: redact(event.reason) };
      case 'server':
        return {
          ...event,
          client: redact(event.client),
          ...(event.detail !== undefined && { detail: redact(event.detail) }),
        };
      case 'fault.injected':
        return { ...event, detail: redact(event.detail) };
      case 'fault.proved':
        return { ...event, evidence: redact(event.evidence) };
      // The others hold numbers, and words of the rig's own.
      case 'run.started':
      case 'run.part':
      case 'message':
      case 'fault.cleared':
      case 'fault.step':
      case 'fault.recovered':
      case 'boot':
      case 'device.server':
      case 'device.report':
      case 'device.stopped':
      case 'instrument':
      case 'measured':
        return event;
    }
  }
}

/** As it is; as JSON has it, with and without letters beyond ASCII; as Python prints a text, and its bytes. */
function spellingsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const backslashes = secret.replaceAll('\\', '\\\\');
  const bytes = [...Buffer.from(backslashes)]
    .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`))
    .join('');
  return [
    secret,
    json,
    json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    backslashes,
    backslashes.replaceAll("'", "\\'"),
    bytes,
    bytes.replaceAll("'", "\\'"),
  ];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

const anyOf = (texts: readonly string[]): RegExp | undefined =>
  texts.length === 0 ? undefined : new RegExp(texts.map(escaped).join('|'), 'g');

/** The beginning of a secret where text ends or was shortened with `…`, and the end of one where a line begins. */
function pieceAtCut(spelling: string): RegExp[] {
  const lengths = Array.from(
    { length: spelling.length - SHORTEST_PIECE },
    (_, more) => SHORTEST_PIECE + more,
  );
  // The longest comes first, and is taken.
  const beginnings = lengths.map((length) => escaped(spelling.slice(0, length))).reverse();
  const ends = lengths.map((length) => escaped(spelling.slice(-length))).reverse();
  return [
    new RegExp(`(?:${beginnings.join('|')})(?=…|["']?$)`, 'gm'),
    new RegExp(`^(?:${ends.join('|')})`, 'gm'),
  ];
}

export const NOTHING_SECRET = new Redactor([]);
