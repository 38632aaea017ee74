/**
 * Leaves the frames of the board's own modules out of tracebacks. They are Python here and C on a chip, where a
 * traceback does not show them; those of frozen modules it shows, without the folder.
 */
const LINE_FEED = 0x0a;
const OWN = '  File "/.board/';
const FROZEN = 'frozen/';
const FRAME = '  File "';
/** No line of a traceback is longer. */
const LINE_LIMIT = 512;

export class OwnFrames {
  private readonly send: (byte: number) => void;
  /** The line so far, as long as it may be a frame of the board's; undefined once it is not. */
  private held: string | undefined = '';

  constructor(send: (byte: number) => void) {
    this.send = send;
  }

  print(byte: number): void {
    if (this.held === undefined) {
      this.send(byte);
      if (byte === LINE_FEED) this.held = '';
      return;
    }
    this.held += String.fromCharCode(byte);
    const mayBe = this.held.startsWith(OWN) ? this.held.length < LINE_LIMIT : OWN.startsWith(this.held);
    if (!mayBe) this.release(byte);
    else if (byte === LINE_FEED) this.endFrame(this.held.slice(OWN.length));
  }

  /** Sends on what may still become a frame: nothing more is printed for a while. */
  flush(): void {
    if (this.held !== undefined && this.held !== '') this.release(0);
  }

  private release(last: number): void {
    const held = this.held ?? '';
    this.held = last === LINE_FEED ? '' : undefined;
    this.write(held);
  }

  private endFrame(rest: string): void {
    this.held = '';
    if (rest.startsWith(FROZEN)) this.write(FRAME + rest.slice(FROZEN.length));
  }

  private write(text: string): void {
    for (const character of text) this.send(character.charCodeAt(0));
  }
}
