/**
 * The board's process: a virtual board at the far end of the machine's wires. It runs in the station's network namespace,
 * so that its connections really travel over the simulated air. Prints a line for what happens to it.
 *
 * node main.js SETTINGS, as JSON (settings.ts)
 */
import { connect } from 'node:net';
import { loadFirmware } from '../../../../cli/firmware.js';
import { openInputLine } from '../../../../drivers/pi/gpio/open-lines.js';
import { type LiveBoard, startLiveBoard } from '../../../../drivers/virtual/live-board.js';
import { socketGateway } from '../../../../drivers/virtual/socket-gateway.js';
import type { Level } from '../../../../rig/ports.js';
import { SystemClock } from '../../../../rig/time/system-clock.js';
import { seconds } from '../../../../rig/time/units.js';
import { FakeIna219 } from '../../../fixtures/i2c/fake-ina.js';
import { must, Program } from '../program.js';
import { SimulatedBus } from '../simulated-bus.js';
import { FAR } from '../simulated-chip.js';
import { SimulatedWires } from '../simulated-wires.js';
import { BOARD_ADDRESS, type BoardSettings, type LINES, SENSE_ADDRESS } from './settings.js';

const RAIL_VOLTS = 3.3;
const FOREVER = seconds(86_400);
/** A boot is one turn, and takes half a minute of the emulated processor where the machine below it is busy. */
const TURN_LIMIT_MS = 300_000;

const say = (what: string): void => console.log(`${(performance.now() / 1_000).toFixed(3)} ${what}`);
const settings = JSON.parse(process.argv[2] ?? '') as BoardSettings;
const wires = new SimulatedWires(settings.folder, settings.names);
const clock = new SystemClock();

const board = startLiveBoard({
  firmware: loadFirmware(settings.firmware, 'firmware', settings.firmwareUnder).files,
  seed: settings.seed,
  role: 'controller',
  wifi: { ssid: settings.ssid, passphrase: settings.passphrase },
  hostAddress: settings.hostAddress,
  turnLimitMs: TURN_LIMIT_MS,
  gateway: socketGateway(({ address, port }) => ({ host: address, port })),
  failed: (error) => {
    say(`broken: ${error.message}`);
    process.exit(1);
  },
});

/** Calls `take` with the level that the host gives a line, now and at every edge. */
async function follow(name: (typeof LINES)[number], take: (level: Level) => Promise<void>): Promise<void> {
  const config = { driver: 'gpio', line: `${FAR}${name}`, chip: settings.chip, activeLow: false } as const;
  const line = await openInputLine(config, `board ${name}`, clock);
  await take(await line.read());
  for (;;) await take((await line.nextEdge(FOREVER)).level);
}

function wirePins(live: LiveBoard): void {
  for (const [wire, name] of [
    ['ack', 'ACK'],
    ['scl', 'SCL'],
    ['sda', 'SDA'],
  ] as const) {
    wires.pull(name, live.level(wire));
    live.onLevel(wire, (level) => wires.pull(name, level));
  }
}

async function wireBus(live: LiveBoard): Promise<void> {
  const bus = await SimulatedBus.create(settings.bus);
  const { i2c } = live.ports;
  if (i2c.role !== 'controller') throw new Error('The host is to be the controller.');
  bus.devices.set(BOARD_ADDRESS, {
    read: async (length) => [...(await live.enter('read', () => i2c.read(BOARD_ADDRESS, length)))],
    written: (bytes) => live.enter('write', () => i2c.write(BOARD_ADDRESS, Uint8Array.from(bytes))),
  });
  const sense = new FakeIna219();
  bus.devices.set(SENSE_ADDRESS, {
    written: (bytes) => sense.written(bytes),
    read: (length) => {
      sense.volts = wires.level('RELAY') * RAIL_VOLTS;
      return sense.read(length);
    },
  });
}

function wireUart(live: LiveBoard): void {
  const socket = connect(settings.uart);
  live.ports.console?.onChunk(({ bytes }) => socket.write(bytes));
  socket.on(
    'data',
    (bytes) => void live.enter('uart', () => live.ports.console?.write(new Uint8Array(bytes))),
  );
}

/** The board's WiFi is on the air while the station is connected, by the kernel's account. */
async function wireRadio(live: LiveBoard): Promise<void> {
  const { accessPoint } = live.ports;
  const set = (isOn: boolean) => {
    say(isOn ? 'station connected' : 'station disconnected');
    void live.enter('radio', () => (isOn ? accessPoint?.on() : accessPoint?.off()));
  };
  const events = new Program('iw', ['event']);
  let heard = '';
  events.child.stdout?.on('data', (text: string) => {
    const lines = (heard + text).split('\n');
    heard = lines.pop() ?? '';
    for (const line of lines) {
      if (/: connected to /.test(line)) set(true);
      else if (/: disconnected\b/.test(line)) set(false);
    }
  });
  set(/^Connected to /m.test(await must('iw', 'dev', settings.station, 'link')));
}

wirePins(board);
wireUart(board);
await wireRadio(board);
await wireBus(board);
void follow('SYN', (level) => board.drive('syn', level));
void follow('RESET', async (level) => {
  say(level === 0 ? 'reset held' : 'reset released');
  await board.reset(level === 0);
});
void follow('RELAY', async (level) => {
  say(level === 0 ? 'power off' : 'power on');
  await (level === 0 ? board.powerOff() : board.powerOn());
});
say('ready');
