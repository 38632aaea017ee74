/**
 * A whole bench in the machine: a chip with all lines, bus, UART, radios with hostapd, and a virtual board at the far ends
 * of the wires; and a bench file for the rig, which is run on it as a user would run it.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { composition } from '../../../cli/compose.js';
import { exists } from '../image/cache.js';
import { BOARD_ADDRESS, type BoardSettings, LINES, SENSE_ADDRESS } from './board/settings.js';
import { HOST, told } from './desk-client.js';
import { must, Program } from './program.js';
import { AP_ADDRESS, AP_INTERFACE, CONTROL, PASSPHRASE, Radios, SSID, STATION_INTERFACE } from './radios.js';
import { BOARD_PORT } from './serial-port.js';
import { FAR, SimulatedChip } from './simulated-chip.js';
import { until } from './wait.js';

const BUS = 7;
const SEED = 42;
/** The machine needs some seconds to load the interpreter. */
const BOARD_READY_MS = 60_000;
const RIG = 'dist/cli/rig.js';
/**
 * For the board's process: its WebAssembly is compiled before it runs, and stays as it is. V8 otherwise replaces code while another
 * thread executes it, which QEMU's emulated processors get wrong now and then: of 40 boots, one broke down with a
 * memory access out of bounds and one with V8's "maybe_code.has_value()"; so, none of 60.
 */
const STEADY_CODE = ['--liftoff-only', '--no-wasm-lazy-compilation', '--no-wasm-dynamic-tiering'];

export class LabBench {
  readonly chip: SimulatedChip;
  readonly radios: Radios;
  /** For everything that the rig writes. */
  readonly folder: string;
  private board: Program | undefined;
  private uart: Program | undefined;

  private constructor(chip: SimulatedChip, radios: Radios, folder: string) {
    this.chip = chip;
    this.radios = radios;
    this.folder = folder;
  }

  /** Wires, bus, UART and radios, with the station on the network; the board has power and runs. */
  static async create(): Promise<LabBench> {
    const chip = await SimulatedChip.createWired('lab', LINES);
    // The relay rests at on; reset and bus have their pull-ups.
    for (const pulledUp of ['RELAY', 'RESET', 'SCL', 'SDA']) chip.pull(pulledUp, 1);
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    let radios: Radios | undefined;
    try {
      radios = await Radios.create();
      await radios.startStation();
      const bench = new LabBench(chip, radios, folder);
      await bench.startBoard();
      await writeFile(bench.file, bench.text());
      return bench;
    } catch (error) {
      // The next test finds the machine as it was.
      await radios?.remove();
      await chip.remove();
      throw error;
    }
  }

  get file(): string {
    return join(this.folder, 'bench.yaml');
  }

  /** What has happened to the board so far. */
  get boardLog(): string {
    return this.board?.printed ?? '';
  }

  /** Starts `rig` with these words and this bench's file, as a process of its own. */
  rig(...words: readonly string[]): Program {
    return new Program('node', [RIG, ...words, '--bench', this.file], {
      RIG_WIFI_PASSPHRASE: PASSPHRASE,
      XDG_STATE_HOME: this.folder,
    });
  }

  /** hostapd's word on the network: `ENABLED` or `DISABLED`. */
  async accessPointState(): Promise<string> {
    const status = await must('hostapd_cli', '-p', CONTROL, '-i', AP_INTERFACE, 'status');
    return /^state=(\w+)$/m.exec(status)?.[1] ?? status;
  }

  /** Resolves when `rig`, which runs, has brought hostapd to this state; rejects when it ends before, or takes too long. */
  async accessPointGoes(state: string, rig: Program, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while ((await this.accessPointState()) !== state) {
      if (performance.now() > deadline || rig.child.exitCode !== null) {
        throw new Error(
          `The access point did not become ${state}.\n${rig.printed}\nThe board:\n${this.boardLog}`,
        );
      }
      await sleep(200);
    }
  }

  /** Everything that filters or delays packets on the machine. */
  async packetRules(): Promise<string> {
    const queues = (await must('tc', 'qdisc', 'show')).match(/^.*\b(netem|ingress|clsact|prio|htb)\b.*$/gm);
    return [(await must('nft', 'list', 'ruleset')).trim(), ...(queues ?? [])].join('\n').trim();
  }

  /** The lines of the host's side that somebody uses, and who. */
  async linesInUse(): Promise<string[]> {
    const lines = (await must('gpioinfo', this.chip.device)).split('\n');
    return lines.filter((line) => /"rig /.test(line) && !line.includes(FAR)).map((line) => line.trim());
  }

  /** Files that the rig has left to put the bench right. */
  async undoFiles(): Promise<string[]> {
    const names = await readdir(this.folder, { recursive: true });
    return names.filter((name) => name.endsWith('.undo'));
  }

  /** Everything that it started is ended, whatever of it fails. */
  async remove(): Promise<void> {
    await this.board?.end();
    await this.uart?.end();
    await this.radios.remove().finally(() => this.chip.remove());
    await rm(this.folder, { recursive: true, force: true });
  }

  private async startBoard(): Promise<void> {
    const uart = join(this.folder, 'uart.sock');
    await mkdir(this.folder, { recursive: true });
    const far = `TCP:${HOST}:${told('uart_port')},nodelay`;
    this.uart = new Program('socat', [`UNIX-LISTEN:${uart}`, far]);
    await until(uart, async () => (await exists(uart)) || undefined);
    const { initiator, responder } = composition.linkFirmware;
    const settings: BoardSettings = {
      chip: this.chip.label,
      folder: this.chip.folder,
      names: this.chip.names,
      bus: BUS,
      uart,
      station: STATION_INTERFACE,
      ssid: SSID,
      passphrase: PASSPHRASE,
      hostAddress: AP_ADDRESS,
      firmware: initiator,
      firmwareUnder: responder,
      seed: SEED,
    };
    this.board = this.radios.inStation(
      'node',
      ...STEADY_CODE,
      'dist/tests/lab/inside/board/main.js',
      JSON.stringify(settings),
    );
    await this.board.prints(/ ready$/m, BOARD_READY_MS);
  }

  private text(): string {
    const line = (name: string) => `{ driver: gpio, line: ${name}, chip: ${this.chip.label} }`;
    return `name: lab
board: { kind: esp8266, firmware: ${composition.linkFirmware.initiator} }
link:
  role: controller
  i2c: { driver: i2c-dev, bus: ${BUS}, address: ${BOARD_ADDRESS} }
  syn: ${line('SYN')}
  ack: ${line('ACK')}
reset: { driver: gpio, line: RESET, chip: ${this.chip.label}, straps: { scl: ${line('SCL')}, sda: ${line('SDA')} } }
power:
  driver: gpio-relay
  control: ${line('RELAY')}
  sense: { driver: ina219, bus: ${BUS}, address: ${SENSE_ADDRESS} }
  leave: on
console: { driver: serial, path: ${BOARD_PORT} }
accessPoint:
  driver: hostapd
  interface: ${AP_INTERFACE}
  ssid: ${SSID}
  passphraseEnv: RIG_WIFI_PASSPHRASE
  control: ${CONTROL}
  station: "${this.radios.stationMac}"
server: { host: ${AP_ADDRESS} }
`;
  }
}
