/**
 * The virtual bench: a virtual ESP8266 wired to the host as on a physical bench, in virtual time, every random
 * choice from one seed.
 */
import { GuardedLine } from '../../rig/device/guarded-line.js';
import type { RigError } from '../../rig/errors.js';
import type { BusLines, BusRole, Connection } from '../../rig/ports.js';
import type { Random } from '../../rig/random.js';
import { type Bench, DEFAULT_SERVER } from '../../rig/run/bench.js';
import { type DurationUs, us } from '../../rig/time/units.js';
import { type Pace, VirtualClock } from '../../rig/time/virtual-clock.js';
import { BoardNetwork, type TellDevice } from './board-network.js';
import { type BoardWires, createBoardWires, driveByBoard, feedsOf, showToBoard } from './board-wires.js';
import { virtualBusLines } from './bus-lines.js';
import { VirtualConsole } from './console.js';
import { type BoardOptions, type BoardSurroundings, VirtualEsp8266 } from './esp8266/board.js';
import { loadBoardModules } from './esp8266/board-modules.js';
import { WIRE_LOOKAHEAD_US } from './esp8266/chip/lookahead.js';
import { OVERFLOW_US } from './esp8266/chip/rtc.js';
import type { Build, Files } from './esp8266/flash.js';
import { hostRecord } from './esp8266/lockstep/records.js';
import { boardMac, withColons } from './esp8266/mac-address.js';
import { measureVirtualFloor } from './floor.js';
import { VirtualI2cController } from './i2c-controller.js';
import { VirtualI2cTarget } from './i2c-target.js';
import { VirtualInputLine, VirtualOutputLine } from './lines.js';
import { VirtualAccessPoint } from './network/access-point.js';
import { type Gateway, VirtualNetwork } from './network/virtual-network.js';
import { VirtualPower } from './power.js';
import { type ResettableBoard, VirtualReset } from './reset.js';
import { ResetPin } from './reset-pin.js';
import { Wire } from './wire.js';
import { VirtualWireFaults } from './wire-faults.js';

/** From an edge to the program that waits for it: what a Pi needs from interrupt to user space. */
const HOST_EDGE_LATENCY: DurationUs = us(WIRE_LOOKAHEAD_US);

/** The network that the board finds unless told otherwise. */
export const VIRTUAL_WIFI = { ssid: 'rig', passphrase: 'correct horse battery' } as const;

export interface VirtualBenchOptions {
  readonly random: Random;
  readonly firmware: {
    readonly name: string;
    readonly sha256: string;
    /** The flash's file system; undefined: there is none yet, and the first boot makes it. */
    readonly files: Files | undefined;
    /** The interpreter's build; the port's own unless told. */
    readonly build?: Build;
  };
  /** Slows virtual time down; as fast as possible without it. */
  readonly pace?: Pace;
  /** Wall time that the board may take for one turn before it counts as hung; 20 s unless told. */
  readonly turnLimitMs?: number;
  /** The bench's clock; one of its own, which `pace` slows down, unless told. */
  readonly clock?: VirtualClock;
  readonly wifi?: { readonly ssid: string; readonly passphrase: string };
  readonly hostAddress?: string;
  /** Takes the board's connections that go to nothing that listens. */
  readonly gateway?: Gateway;
  /** What the host is on the I2C bus; `target` unless told. The firmware must play the other part. */
  readonly role?: BusRole;
  /** Whose supply the pull-ups of the bus hang on; the board's unless told. The host's feeds a board that has none. */
  readonly pullUps?: 'board' | 'host';
}

export interface VirtualBench extends Bench {
  /** The host's hold on the wires of the bus: for what a bench does to the boot straps. */
  readonly bus: BusLines;
  /** The wires themselves, for other parties than the host. */
  readonly wires: BoardWires;
  /** The board's own pins, where no port looks after them. */
  readonly board: ResettableBoard;
  readonly console: VirtualConsole;
  /** Calls the board up where its firmware listens. Rejects with `CLOSED` where nothing does, or nothing answers. */
  dial(port: number): Promise<Connection>;
}

/** The bench around the board. Each acts upon the board in turn, and so is made after it. */
interface AroundBoard {
  readonly target: VirtualI2cTarget;
  readonly console: VirtualConsole;
  readonly air: BoardNetwork;
  readonly power: VirtualPower;
  readonly wireFaults: VirtualWireFaults;
}

type BrokenListener = (error: RigError) => void;

export function createVirtualBench(options: VirtualBenchOptions): VirtualBench {
  const { random, firmware, pace, role = 'target' } = options;
  const clock = options.clock ?? new VirtualClock(pace === undefined ? {} : { pace });
  const accessPoint = new VirtualAccessPoint(options.wifi ?? VIRTUAL_WIFI);
  const network = createNetwork(options, clock);
  const wires = createBoardWires();
  const broken: BrokenListener[] = [];
  const boardSeed = random.fork('board').seed;
  const surroundings = surroundingsOf(wires, broken, () => around);
  const board = createBoard(options, { clock, seed: boardSeed, surroundings });
  const tell: TellDevice = (kind, a, b, bytes) => board.tell(kind, a, b, bytes);

  const syn = new GuardedLine(new VirtualOutputLine(wires.syn));
  const rst = new Wire();
  const bus = virtualBusLines(wires);
  const mac = withColons(boardMac(boardSeed));
  const feeds = () => feedsOf(wires, options.pullUps ?? 'board');
  const around: AroundBoard = {
    target: new VirtualI2cTarget(board),
    console: new VirtualConsole(clock, (bytes, baud) => tell(hostRecord.uartInput, baud, 0, bytes)),
    air: new BoardNetwork({ clock, random: random.fork('air'), accessPoint, network, mac, tell }),
    power: new VirtualPower({ clock, board, random: random.fork('supply'), line: syn, feeds }),
    wireFaults: new VirtualWireFaults({ clock, wires: { ...wires, rst }, tellBoard: tell }),
  };
  const { target, console, air, power, wireFaults } = around;
  const controller = new VirtualI2cController(clock, board, { trouble: wireFaults });
  const setRemaining = (remaining: DurationUs) => board.ageClock(OVERFLOW_US - remaining);
  const reset = new VirtualReset(clock, new ResetPin(rst, board), bus, setRemaining);
  const memory = { leak: async (bytes: number) => board.tell(hostRecord.leak, bytes) };
  const i2c = role === 'target' ? target : controller;
  showToBoard(wires, board);
  const ack = new VirtualInputLine('ack', wires.ack, clock, HOST_EDGE_LATENCY);
  return {
    name: 'virtual',
    kind: 'virtual',
    clock,
    server: DEFAULT_SERVER,
    romSpeaks: true,
    firmware: { name: firmware.name, sha256: firmware.sha256 },
    ports: { syn, ack, i2c, network, accessPoint, console, power, bus, wires: wireFaults, reset, memory },
    bus,
    wires,
    board,
    console,
    dial: (port) => air.dial(port),
    run: (main) => clock.run(main),
    measureFloor: () => measureVirtualFloor(HOST_EDGE_LATENCY, role),
    onBroken: (listener) => {
      broken.push(listener);
    },
    close: async () => {
      ack.close();
      target.close();
      controller.close();
      await board.close();
    },
  };
}

function createNetwork({ hostAddress, gateway }: VirtualBenchOptions, clock: VirtualClock): VirtualNetwork {
  return new VirtualNetwork({
    clock,
    ...(hostAddress !== undefined && { hostAddress }),
    ...(gateway !== undefined && { gateway }),
  });
}

function createBoard(
  { firmware, turnLimitMs }: VirtualBenchOptions,
  its: Pick<BoardOptions, 'clock' | 'seed' | 'surroundings'>,
): VirtualEsp8266 {
  return new VirtualEsp8266({
    ...its,
    flash: firmware.files,
    ...(firmware.build !== undefined && { build: firmware.build }),
    modules: loadBoardModules(),
    hosts: new Map(),
    ...(turnLimitMs !== undefined && { turnLimitMs }),
  });
}

/** What the board does, carried to the rest of the bench. */
function surroundingsOf(
  wires: BoardWires,
  broken: readonly BrokenListener[],
  around: () => AroundBoard,
): BoardSurroundings {
  return {
    pinDriven: (gpio, level) => driveByBoard(wires, gpio, level),
    i2cWritten: (bytes) => around().target.written(bytes),
    printed: (bytes, baud, atUs) => around().console.printed({ bytes, baud, atUs }),
    network: (record) => around().air.handle(record),
    started: () => {
      const { power, air, wireFaults } = around();
      power.chipStarted();
      air.started();
      wireFaults.boardStarted();
    },
    stopped: () => {
      const { power, air } = around();
      power.chipStopped();
      air.stopped();
    },
    failed: (error) => {
      for (const listener of broken) listener(error);
    },
  };
}
