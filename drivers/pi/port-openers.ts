/**
 * Opens the ports of a bench file one by one, each by the driver that its section names. What the drivers are comes by
 * argument, so that a bench can be put together of others; `drivers.ts` has the real ones.
 */
import type {
  AccessPointSection,
  ConsoleSection,
  LinkSection,
  PhysicalBenchFile,
  PowerSection,
  ResetSection,
  ServerSection,
} from '../../rig/bench-file/bench-file.js';
import type { LineConfig } from '../../rig/bench-file/values.js';
import type {
  AccessPoint,
  BenchPorts,
  I2cController,
  I2cTarget,
  InputLine,
  Network,
  OpenDrainLine,
  OutputLine,
  PowerSwitch,
  UartConsole,
} from '../../rig/ports.js';
import type { SystemClock } from '../../rig/time/system-clock.js';
import { strapLines } from './bus-straps.js';
import type { CommandRunner } from './command.js';
import type { Opened } from './device.js';
import type { SupplyAwareReset } from './reset.js';
import type { UndoLog } from './safety/undo-log.js';

/** What drivers share while a bench is in use. */
export interface PortContext {
  readonly clock: SystemClock;
  readonly run: CommandRunner;
  /** What would put right what a driver changes, kept on disk: of the supply and of the access point by themselves. */
  readonly undo: { readonly power: UndoLog; readonly accessPoint: UndoLog };
  /** The network's passphrase, from the environment; undefined where nobody will ask the access point for it. */
  readonly passphrase: string | undefined;
}

type BscConfig = Extract<LinkSection, { role: 'target' }>['i2c'];

/** The drivers of a physical bench. Each rejects with `BENCH`, naming the device and the next step. */
export interface Drivers {
  openOutputLine(config: LineConfig, name: string): Promise<Opened<OutputLine>>;
  openInputLine(config: LineConfig, name: string, clock: SystemClock): Promise<Opened<InputLine>>;
  /** For the bus lines, while nobody else has them. */
  openOpenDrainLine(config: LineConfig, name: string): Promise<Opened<OpenDrainLine>>;
  openBscTarget(config: BscConfig, clock: SystemClock): Promise<Opened<I2cTarget>>;
  openI2cController(config: { readonly bus: number }): Promise<Opened<I2cController>>;
  openReset(section: ResetSection, clock: SystemClock): Promise<Opened<SupplyAwareReset>>;
  openConsole(section: ConsoleSection, clock: SystemClock): Promise<Opened<UartConsole>>;
  openPower(section: PowerSection, context: PortContext): Promise<Opened<PowerSwitch>>;
  openAccessPoint(section: AccessPointSection, context: PortContext): Promise<Opened<AccessPoint>>;
  openNetwork(section: ServerSection): Promise<Opened<Network>>;
}

type PortName = keyof BenchPorts;
type Port<Name extends PortName> = Name extends 'reset' ? SupplyAwareReset : NonNullable<BenchPorts[Name]>;

/** For each port of a bench, what opens it; undefined where the bench file has no section for it. */
export type PortOpeners = {
  readonly [Name in PortName]-?: (
    file: PhysicalBenchFile,
    context: PortContext,
  ) => Promise<Opened<Port<Name>>> | (undefined extends BenchPorts[Name] ? undefined : never);
};

export function portOpeners(drivers: Drivers): PortOpeners {
  return {
    syn: ({ link }) => drivers.openOutputLine(link.syn, 'syn'),
    ack: ({ link }, { clock }) => drivers.openInputLine(link.ack, 'ack', clock),
    i2c: ({ link }, { clock }) => openI2c(link, drivers, clock),
    bus: ({ reset }) =>
      reset?.straps && Promise.resolve(strapLines(reset.straps, drivers.openOpenDrainLine.bind(drivers))),
    reset: ({ reset }, { clock }) => reset && drivers.openReset(reset, clock),
    console: ({ console }, { clock }) => console && drivers.openConsole(console, clock),
    power: ({ power }, context) => power && drivers.openPower(power, context),
    accessPoint: ({ accessPoint }, context) => accessPoint && drivers.openAccessPoint(accessPoint, context),
    network: ({ server }) => drivers.openNetwork(server),
    // It would take hardware that no driver knows.
    wires: () => undefined,
    // A real heap is the program's alone.
    memory: () => undefined,
  };
}

function openI2c(link: LinkSection, drivers: Drivers, clock: SystemClock): Promise<Opened<Port<'i2c'>>> {
  return link.role === 'target'
    ? drivers.openBscTarget(link.i2c, clock)
    : drivers.openI2cController(link.i2c);
}
