/** How far a transfer has come: a bar in a terminal, a line for every tenth elsewhere. */
import type { TextOutput } from './surroundings.js';

const BAR_WIDTH = 30;
const TENTHS = 10;

export class ProgressLine {
  private readonly output: TextOutput;
  private drawn = '';
  private saidTenths = 0;

  constructor(output: TextOutput) {
    this.output = output;
  }

  show(label: string, done: number, total: number): void {
    const share = total === 0 ? 1 : done / total;
    if (this.output.isTty) this.draw(label, share);
    else this.sayTenth(label, share);
  }

  /** Ends the bar: what is printed next begins a line. */
  end(): void {
    if (this.drawn !== '') this.output.write('\n');
    this.drawn = '';
    this.saidTenths = 0;
  }

  private draw(label: string, share: number): void {
    const full = Math.round(share * BAR_WIDTH);
    const bar = `${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}`;
    const line = `[${bar}] ${percent(share)}  ${label}`.slice(0, this.output.columns() - 1);
    if (line === this.drawn) return;
    this.output.write(`\r${line.padEnd(this.drawn.length)}`);
    this.drawn = line;
  }

  private sayTenth(label: string, share: number): void {
    const tenths = Math.floor(share * TENTHS);
    if (tenths <= this.saidTenths) return;
    this.saidTenths = tenths;
    this.output.write(`${percent(share)}  ${label}\n`);
  }
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`.padStart(5);
