/**
 * /sys/class/gpio as a folder of temporary files, and the class of `onoff` (6.0.3, onoff.js) that drives it: what it
 * checks and what it keeps to itself, and how a change of the wire reaches its listeners. Between the kernel and a listener
 * there are two steps, as with the package `epoll`: a thread sees that the value is ready, then the event loop is told.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SysfsGpio, SysfsGpioClass } from '../../../drivers/pi/gpio/onoff-package.js';
import type { Sysfs } from '../../../drivers/pi/gpio/sysfs-line.js';
import type { Level } from '../../../rig/ports.js';
import { FakeWire } from './fake-wire.js';

type Attribute = 'direction' | 'edge' | 'active_low';

/** A line of the kernel, exported or not. */
export class FakeSysfsLine {
  readonly wire = new FakeWire();
  readonly attributes: Record<Attribute, string> = { direction: 'in', edge: 'none', active_low: '0' };
  exported = false;
  /** Held by something else than /sys. */
  busy = false;
  /** Attributes that this user may not write. */
  readonly = false;
  /** An edge that the descriptor of the value has not told yet. */
  untold = false;

  get isInverted(): boolean {
    return this.attributes.active_low === '1';
  }
}

export interface FakeSysfsChip {
  readonly label: string;
  readonly device: string;
  readonly base: number;
  readonly lines: number;
  readonly names?: readonly string[];
}

export class FakeSysfs implements Sysfs {
  readonly root = mkdtempSync(join(tmpdir(), 'rig-sysfs-'));
  readonly Gpio: SysfsGpioClass;
  readonly openNumbers = new Set<number>();
  forbidden = false;
  gone = false;
  private readonly lines = new Map<number, FakeSysfsLine>();
  private readonly listeners = new Set<() => void>();

  constructor(chips: readonly FakeSysfsChip[]) {
    for (const chip of chips) this.addChip(chip);
    this.Gpio = gpioClass(this);
  }

  line(number: number): FakeSysfsLine {
    const line = this.lines.get(number);
    if (line === undefined) throw systemError('EINVAL', 'write');
    return line;
  }

  folder(number: number): string {
    return join(this.root, 'sys/class/gpio', `gpio${number}`);
  }

  export(number: number): void {
    const line = this.line(number);
    if (line.busy) throw systemError('EBUSY', 'write');
    line.exported = true;
    mkdirSync(this.folder(number), { recursive: true });
    this.show(number);
    line.wire.onChange((level) => this.changed(number, line, level));
  }

  unexport(number: number): void {
    const line = this.line(number);
    line.exported = false;
    line.attributes.edge = 'none';
    rmSync(this.folder(number), { recursive: true, force: true });
  }

  /** Whoever waits is not woken: a kernel (6.1) does not either. */
  unplug(): void {
    this.gone = true;
    for (const [number, line] of this.lines) if (line.exported) this.unexport(number);
  }

  /** Calls `listener` when a value becomes ready to be read. */
  onReady(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private changed(number: number, line: FakeSysfsLine, level: Level): void {
    if (!line.exported || this.gone) return;
    this.show(number);
    const edges = line.attributes.edge;
    if (edges !== 'both' && edges !== (level === 1 ? 'rising' : 'falling')) return;
    line.untold = true;
    for (const listener of this.listeners) listener();
  }

  private show(number: number): void {
    const line = this.line(number);
    const value = line.isInverted ? 1 - line.wire.level : line.wire.level;
    writeFileSync(join(this.folder(number), 'value'), `${value}\n`);
  }

  private addChip({ label, device, base, lines, names }: FakeSysfsChip): void {
    const folder = join(this.root, 'sys/class/gpio', `gpiochip${base}`);
    // The device's own folder has the character device as a neighbour.
    mkdirSync(join(folder, 'device', device), { recursive: true });
    writeFileSync(join(folder, 'label'), `${label}\n`);
    writeFileSync(join(folder, 'base'), `${base}\n`);
    writeFileSync(join(folder, 'ngpio'), `${lines}\n`);
    if (names !== undefined) {
      mkdirSync(join(folder, 'device/of_node'));
      writeFileSync(
        join(folder, 'device/of_node/gpio-line-names'),
        names.map((name) => `${name}\0`).join(''),
      );
    }
    for (let offset = 0; offset < lines; offset += 1) this.lines.set(base + offset, new FakeSysfsLine());
  }
}

function gpioClass(sysfs: FakeSysfs): SysfsGpioClass {
  return class FakeGpio implements SysfsGpio {
    private readonly number: number;
    private readonly line: FakeSysfsLine;
    private listener: ((error: undefined, level: Level) => void) | undefined;
    private stopListening = (): void => undefined;
    private epoll: 'idle' | 'seen' = 'idle';

    constructor(number: number, direction: 'in', edge: 'none' | 'both', _options: object) {
      this.number = number;
      if (sysfs.forbidden) throw systemError('EACCES', `open '/sys/class/gpio/export'`);
      this.line = sysfs.line(number);
      const wasExported = this.line.exported;
      if (!wasExported) sysfs.export(number);
      for (const [attribute, value] of [
        ['active_low', '0'],
        ['direction', direction],
        ['edge', edge],
      ] as const) {
        try {
          this.set(attribute, value);
        } catch (error) {
          if (!wasExported) throw error;
        }
      }
      this.readSync();
    }

    readSync(): Level {
      if (sysfs.gone) throw systemError('ENODEV', 'read');
      this.line.untold = false;
      return this.line.isInverted === (this.line.wire.level === 1) ? 0 : 1;
    }

    writeSync(level: Level): void {
      if (sysfs.gone) throw systemError('ENODEV', 'write');
      if (this.line.attributes.direction !== 'out') throw systemError('EPERM', 'write');
      this.line.wire.driveFromHost(level);
    }

    direction(): string {
      return this.get('direction');
    }

    setDirection(direction: 'in' | 'high' | 'low'): void {
      this.set('direction', direction);
    }

    activeLow(): boolean {
      return this.get('active_low') === '1';
    }

    edge(): string {
      return this.get('edge');
    }

    watch(listener: (error: undefined, level: Level) => void): void {
      this.listener = listener;
      this.stopListening = sysfs.onReady(() => this.lookOften());
      this.lookOften();
    }

    unwatchAll(): void {
      this.listener = undefined;
      this.stopListening();
    }

    unexport(): void {
      this.unwatchAll();
      if (this.line.exported) sysfs.unexport(this.number);
    }

    /** The thread of `epoll`: it looks again once the event loop has dealt with what it saw. */
    private lookOften(): void {
      setImmediate(() => {
        if (this.epoll === 'seen' || this.listener === undefined) return;
        if (!this.line.untold && !sysfs.gone) return;
        this.epoll = 'seen';
        setImmediate(() => {
          this.epoll = 'idle';
          if (this.listener === undefined) return;
          const level = this.readSync();
          this.listener?.(undefined, level);
          this.lookOften();
        });
      });
    }

    private get(attribute: Attribute): string {
      if (sysfs.gone) throw systemError('ENOENT', `open '${attribute}'`);
      return this.line.attributes[attribute];
    }

    private set(attribute: Attribute, value: string): void {
      if (sysfs.gone) throw systemError('ENOENT', `open '${attribute}'`);
      if (this.line.readonly) throw systemError('EACCES', `open '${attribute}'`);
      const { attributes, wire } = this.line;
      if (attribute !== 'direction') {
        attributes[attribute] = value;
        return;
      }
      attributes.direction = value === 'in' ? 'in' : 'out';
      wire.driveFromHost(value === 'in' ? undefined : value === 'high' ? 1 : 0);
    }
  };
}

const systemError = (code: string, call: string): Error =>
  Object.assign(new Error(`${code}: as the kernel says, ${call}`), { code });
