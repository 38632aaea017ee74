/**
 * A bench of real hardware, put together from its bench file.
 *
 * Opened in this order, so that nothing happens to the device before everything that watches it is there:
 * lock and undo log; syn, ack and bus (all high-impedance until a run drives them); reset (released); console, which opens
 * without a reset; supply; access point; network. A port that cannot be opened closes those before it, in reverse.
 *
 * Left in this order (`makeSafe`), each step bounded and independent of the others' success: access point on and whole;
 * syn and bus released, so that nothing feeds a rail that falls; then the supply as `power.leave` says, with reset
 * released after a rail that comes up (the device boots once) or before one that goes down (its pins cannot tell any
 * more how it would boot). Wherever the supply comes back, reset is held meanwhile (`power-guard.ts`).
 */
import type { PhysicalBenchFile } from '../../rig/bench-file/bench-file.js';
import { RigError } from '../../rig/errors.js';
import type { BenchPorts } from '../../rig/ports.js';
import { announceBoots } from '../../rig/run/announce-boots.js';
import type { Bench } from '../../rig/run/bench.js';
import { Teardown } from '../../rig/run/teardown.js';
import type { SystemClock } from '../../rig/time/system-clock.js';
import { type DurationUs, seconds } from '../../rig/time/units.js';
import { type BenchSession, beginSession, type SessionOptions } from './bench-session.js';
import type { Device } from './device.js';
import { measureHostFloor } from './floor.js';
import { type Drivers, type PortContext, portOpeners } from './port-openers.js';
import { GuardedSupply } from './power-guard.js';

export interface PhysicalBenchOptions extends Omit<SessionOptions, 'file' | 'undo'> {
  readonly drivers: Drivers;
  readonly firmware: Bench['firmware'];
  /** Aborting it ends the opening with `CANCELLED`, after what was opened has been closed. */
  readonly signal: AbortSignal;
  /** Aborting it shortens the waits while the bench is left and closed; no step is left out. */
  readonly hurry: AbortSignal;
}

/** How long a step of leaving or closing a bench is waited for, once somebody is in a hurry. */
const PATIENCE = seconds(2);

/** A bench that can be told, from outside of its clock, that something broke. */
export interface PhysicalBench extends Bench {
  breakDown(error: RigError): void;
  /** Required here: a physical bench always has something to make safe. */
  makeSafe(): Promise<readonly string[]>;
}

/** Opens every port of the file. Rejects with `BENCH`, naming the device and the next step; nothing is left open then. */
export async function openPhysicalBench(
  file: PhysicalBenchFile,
  options: PhysicalBenchOptions,
): Promise<PhysicalBench> {
  const session = await beginSession({ ...options, file, undo: 'everything' });
  const opened: OpenDevice[] = [];
  try {
    const ports = await openPorts(file, session, options, opened);
    return new OpenBench(file, options, ports, async () => {
      const problems = await closeAll(opened, options);
      await session.close();
      return problems;
    });
  } catch (error) {
    const problems = await closeAll(opened, options);
    await session.close();
    for (const problem of problems) options.note(problem);
    throw error;
  }
}

/**
 * Lets go of the lines that a killed process may have left driven, for commands that do not open them. Resolves with what
 * went wrong, a line each.
 */
export async function releaseLines(
  file: PhysicalBenchFile,
  { context }: BenchSession,
  drivers: Drivers,
): Promise<string[]> {
  const open = portOpeners(drivers);
  const releasing = new Teardown(context.clock);
  // The bus is let go of as its driver opens.
  for (const port of ['syn', 'reset', 'i2c'] as const) {
    releasing.add(`release ${port}`, async () => {
      const device = await open[port](file, context);
      if (device !== undefined && 'release' in device) await device.release();
      await device?.close();
    });
  }
  return releasing.run();
}

interface OpenDevice {
  readonly name: string;
  readonly device: Device;
}

async function openPorts(
  file: PhysicalBenchFile,
  { context }: BenchSession,
  { drivers, signal }: PhysicalBenchOptions,
  opened: OpenDevice[],
): Promise<BenchPorts> {
  const open = portOpeners(drivers);
  /** Opens one port, and keeps it for closing. */
  const keep = async <Opening extends Promise<Device> | undefined>(
    name: string,
    start: (file: PhysicalBenchFile, context: PortContext) => Opening,
  ): Promise<Awaited<Opening>> => {
    if (signal.aborted) throw new RigError('CANCELLED', 'The opening of the bench was stopped.');
    const device = await opening(name, start(file, context));
    if (device !== undefined) opened.push({ name, device });
    return device;
  };
  const syn = await keep('syn', open.syn);
  // Kernels of the Raspberry Pi go on driving what a killed process drove (raspberrypi/linux#6117).
  await syn.release();
  const ack = await keep('ack', open.ack);
  const i2c = await keep('i2c', open.i2c);
  const bus = await keep('bus', open.bus);
  const reset = await keep('reset', open.reset);
  const console = await keep('console', open.console);
  const power = await keep('power', open.power);
  const accessPoint = await keep('accessPoint', open.accessPoint);
  const network = await keep('network', open.network);
  const supply = power && new GuardedSupply(power, reset, file.power?.leave);
  const ports = {
    ack,
    network,
    syn: supply?.line(syn) ?? syn,
    i2c: supply?.bus(i2c) ?? i2c,
    ...(supply !== undefined && { power: supply }),
    ...(bus !== undefined && { bus }),
    ...(reset !== undefined && { reset }),
    ...(console !== undefined && { console }),
    ...(accessPoint !== undefined && { accessPoint }),
  };
  return announceBoots(ports, file.power?.settle);
}

/** Says which port it was that could not be opened: the same chip or bus serves several. */
async function opening<Opening>(name: string, port: Opening): Promise<Awaited<Opening>> {
  try {
    return await port;
  } catch (error) {
    if (!(error instanceof RigError)) throw error;
    throw new RigError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

/** Closes in reverse. Resolves with what went wrong, a line each; nothing keeps the others from being closed. */
async function closeAll(
  opened: readonly OpenDevice[],
  { clock, hurry }: Pick<PhysicalBenchOptions, 'clock' | 'hurry'>,
): Promise<string[]> {
  const closing = new Teardown(clock);
  for (const { name, device } of opened) closing.add(`close ${name}`, () => device.close());
  return closing.run(hurry, PATIENCE);
}

class OpenBench implements PhysicalBench {
  readonly name: string;
  readonly kind = 'physical';
  readonly clock: SystemClock;
  readonly ports: BenchPorts;
  readonly server: Bench['server'];
  readonly i2cAddress: number;
  readonly resetPulseUs?: DurationUs;
  readonly romSpeaks: boolean;
  readonly firmware: Bench['firmware'];
  private readonly file: PhysicalBenchFile;
  private readonly hurry: AbortSignal;
  private readonly closeDevices: () => Promise<readonly string[]>;
  private readonly listeners: ((error: RigError) => void)[] = [];
  private broken: RigError | undefined;
  private made: Promise<readonly string[]> | undefined;
  private closed: Promise<void> | undefined;

  constructor(
    file: PhysicalBenchFile,
    { clock, firmware, hurry }: PhysicalBenchOptions,
    ports: BenchPorts,
    closeDevices: () => Promise<readonly string[]>,
  ) {
    this.name = file.name;
    this.clock = clock;
    this.ports = ports;
    this.server = { port: file.server.port, timeoutUs: file.server.timeout };
    this.i2cAddress = file.link.i2c.address;
    if (file.reset !== undefined) this.resetPulseUs = file.reset.pulse;
    this.romSpeaks = file.board.kind === 'esp8266' && ports.console !== undefined;
    this.firmware = firmware;
    this.file = file;
    this.hurry = hurry;
    this.closeDevices = closeDevices;
  }

  run<T>(main: () => Promise<T>): Promise<T> {
    return this.clock.run(main);
  }

  measureFloor(): Promise<DurationUs> {
    return measureHostFloor(this.clock, this.ports.ack);
  }

  onBroken(listener: (error: RigError) => void): void {
    this.listeners.push(listener);
    if (this.broken !== undefined) listener(this.broken);
  }

  breakDown(error: RigError): void {
    if (this.broken !== undefined) return;
    this.broken = error;
    for (const listener of this.listeners) listener(error);
  }

  makeSafe(): Promise<readonly string[]> {
    this.made ??= this.leaveAsFileSays();
    return this.made;
  }

  close(): Promise<void> {
    this.closed ??= this.makeSafeAndClose();
    return this.closed;
  }

  private async leaveAsFileSays(): Promise<readonly string[]> {
    const { accessPoint, syn, i2c, power, reset } = this.ports;
    const isLeftOn = this.file.power?.leave !== 'off';
    const leaving = new Teardown(this.clock);
    // Last added, first run.
    if (isLeftOn) leaving.add('release reset', () => reset?.release());
    leaving.add(`supply ${isLeftOn ? 'on' : 'off'}`, () => (isLeftOn ? power?.on() : power?.off()));
    if (!isLeftOn) leaving.add('release reset', () => reset?.release());
    leaving.add('release the bus', () => (i2c.role === 'target' ? i2c.disable() : undefined));
    leaving.add('release syn', () => syn.release());
    leaving.add('access point on', () => accessPoint?.on());
    return leaving.run(this.hurry, PATIENCE);
  }

  /** What `makeSafe` says has been told to whoever called it; what nobody asked for is told here. */
  private async makeSafeAndClose(): Promise<void> {
    const wasAsked = this.made !== undefined;
    const left = await this.makeSafe();
    const problems = [...(wasAsked ? [] : left), ...(await this.closeDevices())];
    if (problems.length > 0) throw new RigError('BENCH', problems.join('\n  '));
  }
}
