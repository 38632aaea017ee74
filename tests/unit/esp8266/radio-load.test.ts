/** The radio's share of the processor: handlers wait for it now and then, and only while it works for a network. */
import test from 'ava';
import { RadioLoad } from '../../../drivers/virtual/esp8266/chip/radio-load.js';
import { hostRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { StationStatus } from '../../../drivers/virtual/network/station.js';
import { createRandom } from '../../../rig/random.js';
import { ms } from '../../../rig/time/units.js';
import { type BoardRig, withBoard } from './board-rig.js';

const HANDLERS = 20_000;
const holds = (seed: number, isOnAir: boolean) => {
  const load = new RadioLoad(createRandom(seed));
  return Array.from({ length: HANDLERS }, () => load.nextHoldUs(isOnAir));
};

test('about one handler of a hundred is held up, for one to three milliseconds, and a seed repeats it', (t) => {
  const held = holds(3, true).filter((holdUs) => holdUs > 0);
  t.true(held.length > 140 && held.length < 260, `${held.length} of ${HANDLERS}`);
  t.true(Math.min(...held) >= 1_000 && Math.max(...held) <= 3_000);
  t.deepEqual(holds(3, true), holds(3, true));
  t.notDeepEqual(holds(3, true), holds(4, true));
});

test('none is held up while the radio is silent', (t) => {
  t.true(holds(3, false).every((holdUs) => holdUs === 0));
});

const [ACK, SYN] = [4, 5];
const FIRMWARE = `
import machine, network, time
network.WLAN(network.STA_IF).active(True)
ack = machine.Pin(${ACK}, machine.Pin.OUT, value=0)
syn = machine.Pin(${SYN}, machine.Pin.IN)
syn.irq(lambda pin: ack(pin()))
print('ready')
while True:
    time.sleep_ms(1000)
`;
const EDGES = 600;

/** How long the firmware took to answer each of many edges, in microseconds. */
async function answers(rig: BoardRig): Promise<number[]> {
  const tookUs: number[] = [];
  for (let edge = 0; edge < EDGES; edge += 1) {
    const fromUs = rig.clock.now();
    rig.board.setPin(SYN, edge % 2 === 0 ? 1 : 0);
    await rig.wait(ms(5));
    tookUs.push((rig.pins.at(-1)?.atUs ?? Number.NaN) - fromUs);
  }
  return tookUs;
}

test.serial('a board in a network answers a few edges milliseconds late, and misses none', async (t) => {
  const station: Record<'alone' | 'joined', number[]> = { alone: [], joined: [] };
  await withBoard({ 'main.py': FIRMWARE }, async (rig) => {
    rig.board.setPin(SYN, 0);
    rig.board.powerOn();
    t.true(await rig.printed('ready'));
    station.alone = await answers(rig);
    rig.board.tell(hostRecord.wifiStatus, StationStatus.gotIp, 0, new TextEncoder().encode('192.168.4.2'));
    station.joined = await answers(rig);
    rig.board.tell(hostRecord.wifiStatus, StationStatus.idle, 0);
    t.true((await answers(rig)).every((tookUs) => tookUs < 500));
  });
  t.true(station.alone.every((tookUs) => tookUs > 0 && tookUs < 500));
  const late = station.joined.filter((tookUs) => tookUs >= 1_000);
  t.true(late.length > 0 && late.length < 30, `${late.length} of ${EDGES}`);
  t.true(station.joined.every((tookUs) => tookUs > 0 && tookUs < 3_500));
});
