/** What the interpreter prints on its way to the UART: the loop around it may look at a part, or leave one out. */
import { OwnFrames } from './own-frames.js';

export class ProgramOutput {
  private readonly send: (byte: number) => void;
  private readonly frames: OwnFrames;
  private kept: number[] | undefined;
  private toSkip = 0;

  constructor(send: (byte: number) => void) {
    this.send = send;
    this.frames = new OwnFrames(send);
  }

  print(byte: number): void {
    if (this.kept !== undefined) this.kept.push(byte);
    else if (this.toSkip > 0) this.toSkip -= 1;
    else this.frames.print(byte);
  }

  /** Nothing more is printed for a while: holds nothing back. */
  flush(): void {
    this.frames.flush();
  }

  /** What `work` prints, instead of sending it. */
  captured(work: () => void): string {
    const kept: number[] = [];
    this.kept = kept;
    try {
      work();
    } finally {
      this.kept = undefined;
    }
    return String.fromCharCode(...kept);
  }

  /** Sends text of characters below 256. */
  write(text: string): void {
    this.flush();
    for (const character of text) this.send(character.charCodeAt(0));
  }

  /** Leaves out the next `count` characters. */
  skip(count: number): void {
    this.toSkip = count;
  }
}
