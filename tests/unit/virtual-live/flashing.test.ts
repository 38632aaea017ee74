/** The virtual board flashed by Espressif's package, as a real one is: with the program that it loads, and without. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { byModemLines } from '../../../drivers/pi/flash/boot-control.js';
import { flashImage } from '../../../drivers/pi/flash/flash.js';
import { type LiveBoard, startLiveBoard } from '../../../drivers/virtual/live-board.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { makeImage } from '../../fixtures/esp-loader/image.js';
import { SerialDevice } from './serial-device.js';

/** The board's time runs so much faster, because the package waits by the wall clock. */
const SPEED = 10;

const files = () => new Map([['main.py', new TextEncoder().encode("print('alive')\n")]]);

async function withBoard(body: (board: LiveBoard, text: () => string) => Promise<void>): Promise<void> {
  const board = startLiveBoard({ firmware: files(), seed: 3, speed: SPEED });
  let printed = '';
  board.uart.onBytes((bytes) => {
    printed += Buffer.from(bytes).toString('latin1');
  });
  try {
    await board.powerOn();
    await body(board, () => printed);
  } finally {
    await board.close();
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 300; waited += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not seen: ${what}`);
}

for (const keepFiles of [true, false]) {
  test.serial(
    `an image is written and verified, and the board boots, files ${keepFiles ? 'kept' : 'erased'}`,
    async (t) => {
      await withBoard(async (board, text) => {
        const clock = new SystemClock();
        const steps: string[] = [];
        const chip = await flashImage({
          pipe: board.uart,
          control: byModemLines(board.uart, clock),
          clock,
          image: makeImage(70_001),
          baud: 460_800,
          romBaud: 74_880,
          keepFiles,
          flashMode: 'keep',
          signal: new AbortController().signal,
          listeners: { step: (step) => steps.push(step), progress: () => undefined },
        });
        t.like(chip, { name: 'ESP8266EX', flashBytes: 4 * 1024 * 1024 });
        t.regex(chip.mac, /^5c:cf:7f:/);
        t.true(
          steps.some((step) => step.includes('Verified')),
          steps.join('\n'),
        );
        await board.uart.setBaud(115_200);
        const before = text().length;
        await until(() => text().slice(before).includes('>>> '), 'the prompt');
        t.is(text().slice(before).includes('alive'), keepFiles);
      });
    },
  );
}

test.serial(
  'the package by itself: detects the chip, writes by the ROM alone, reads back by its program',
  async (t) => {
    const { ESPLoader, Transport } = await import('esptool-js');
    await withBoard(async (board) => {
      const log: string[] = [];
      const terminal = {
        clean: () => undefined,
        write: () => undefined,
        writeLine: (line: string) => log.push(line),
      };
      const loader = new ESPLoader({
        transport: new Transport(new SerialDevice(board.uart)),
        baudrate: 115_200,
        romBaudrate: 115_200,
        terminal,
      });
      await loader.connect();
      t.is(loader.chip.CHIP_NAME, 'ESP8266');
      const image = makeImage(20_000);
      // Without the program that is loaded: plain blocks, no hash.
      await loader.writeFlash({
        fileArray: [{ data: image, address: 0x1_0000 }],
        flashMode: 'keep',
        flashFreq: 'keep',
        flashSize: 'keep',
        eraseAll: false,
        compress: false,
      });
      await loader.runStub();
      t.true(log.includes('Stub running...'), log.join('\n'));
      t.is(await loader.readFlashId(), 0x16_40ef);
      const read = await loader.readFlash(0x1_0000, image.length);
      t.deepEqual(read, image);
      t.is(await loader.flashMd5sum(0x1_0000, image.length), createHash('md5').update(image).digest('hex'));
    });
  },
);
