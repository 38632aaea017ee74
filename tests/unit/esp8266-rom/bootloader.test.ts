/** The board in UART boot mode: written by a tool, and what it does after that. */
import { deflateSync } from 'node:zlib';
import test from 'ava';
import { operation } from '../../../drivers/virtual/esp8266/rom/packets.js';
import { encodeSlip, SlipDecoder } from '../../../drivers/virtual/esp8266/rom/slip.js';
import { ms, seconds } from '../../../rig/time/units.js';
import { type BoardRig, withBoard } from '../esp8266/board-rig.js';
import { blockRequest, type ParsedAnswer, parseAnswer, request, words } from './loader-client.js';

const OK = [0, 0];
const BLOCK = 0x4000;
const FILE_SYSTEM = 0x10_0000;
const IMAGE = Uint8Array.from({ length: 20_000 }, (_, index) => (index === 0 ? 0xe9 : (index * 31) & 0x3f));

/** A tool at the board's UART. */
class Tool {
  readonly packets: Uint8Array[] = [];
  private readonly rig: BoardRig;

  constructor(rig: BoardRig) {
    this.rig = rig;
    const decoder = new SlipDecoder();
    rig.onBytes = (bytes) => {
      for (const byte of bytes) {
        const packet = decoder.take(byte);
        if (packet !== undefined) this.packets.push(packet);
      }
    };
  }

  /** Sends a packet, and waits for the next one. */
  async exchange(packet: Uint8Array, baud = 115_200): Promise<Uint8Array> {
    this.packets.length = 0;
    this.rig.send(encodeSlip(packet), baud);
    return await this.next();
  }

  async next(): Promise<Uint8Array> {
    for (let waited = 0; waited < 4_000; waited += 1) {
      const packet = this.packets.shift();
      if (packet !== undefined) return packet;
      await this.rig.wait(ms(5));
    }
    throw new Error(`No answer: ${this.rig.text.slice(-200)}`);
  }

  async ask(code: number, data?: Uint8Array): Promise<ParsedAnswer> {
    return parseAnswer(await this.exchange(request(code, data)));
  }

  /** Loads a program into RAM and starts it. */
  async load(): Promise<void> {
    await this.ask(operation.sync);
    await this.ask(operation.memBegin, words(8, 1, 8, 0x4010_0000));
    await this.exchange(blockRequest(operation.memData, new Uint8Array(8), 0));
    await this.ask(operation.memEnd, words(0, 0x4010_0000));
    const greeting = await this.next();
    if (new TextDecoder().decode(greeting) !== 'OHAI') throw new Error('The loaded program does not start.');
  }

  async write(image: Uint8Array, offset: number): Promise<void> {
    const deflated = deflateSync(image);
    await this.ask(operation.deflateBegin, words(image.length, 1, BLOCK, offset));
    const answer = parseAnswer(await this.exchange(blockRequest(operation.deflateData, deflated, 0)));
    if (answer.status[0] !== 0) throw new Error('Not written.');
    await this.ask(operation.deflateEnd, words(1));
  }
}

async function intoLoader(board: BoardRig): Promise<Tool> {
  board.board.setPin(0, 0);
  board.board.holdReset();
  await board.wait(ms(10));
  board.board.releaseReset();
  await board.wait(ms(100));
  board.board.setPin(0, 1);
  return new Tool(board);
}

async function hardReset(board: BoardRig): Promise<void> {
  board.board.holdReset();
  await board.wait(ms(10));
  board.board.releaseReset();
}

const FILES = { 'main.py': "print('alive')", 'data.txt': 'x' };

test.serial('the loader answers at the rate it is asked at, whatever that is', async (t) => {
  await withBoard(FILES, async (board) => {
    board.board.powerOn();
    const tool = await intoLoader(board);
    for (const baud of [115_200, 74_880, 460_800]) {
      const answer = parseAnswer(
        await tool.exchange(request(operation.readRegister, words(0x4000_1000)), baud),
      );
      t.is(answer.value, 0xfff0_c101);
      t.is(board.baud, baud);
    }
  });
});

test.serial(
  'files outlive the writing of an image, and the board boots after a hard reset only',
  async (t) => {
    const rig = await withBoard(FILES, async (board) => {
      board.board.powerOn();
      await board.printed('alive');
      const tool = await intoLoader(board);
      await tool.load();
      await tool.write(IMAGE, 0);
      t.deepEqual((await tool.ask(operation.flashEnd, words(0))).status, OK);
      await board.wait(seconds(1));
      t.like(board.roms.at(-1), { cause: 3, mode: 1 }, 'Its own reset leads into the loader again.');
      t.deepEqual((await tool.ask(operation.sync)).status, OK);
      const from = board.lines.length;
      await hardReset(board);
      t.true(await board.printed('alive', from));
    });
    t.deepEqual(rig.failures, []);
    t.like(rig.roms.at(-1), { cause: 2, mode: 3 });
  },
);

test.serial('an erased flash does not boot; with an image it does, on a new file system', async (t) => {
  await withBoard(FILES, async (board) => {
    board.board.powerOn();
    const tool = await intoLoader(board);
    await tool.load();
    t.deepEqual((await tool.ask(operation.eraseFlash)).status, OK);
    const from = board.lines.length;
    await hardReset(board);
    await board.wait(seconds(2));
    t.true(
      board
        .texts()
        .slice(from)
        .some((text) => text.includes('ets_main.c')),
    );
    t.false(
      board
        .texts()
        .slice(from)
        .some((text) => text.includes('alive')),
    );
    const again = await intoLoader(board);
    await again.load();
    await again.write(IMAGE, 0);
    await hardReset(board);
    await board.answer('', '>>> ');
    t.regex(await board.answer('import os; os.listdir()\r', ']'), /\['boot\.py'\]/);
  });
});

test.serial('whatever is written into the region of the file system destroys it', async (t) => {
  await withBoard(FILES, async (board) => {
    board.board.powerOn();
    const tool = await intoLoader(board);
    await tool.ask(operation.sync);
    await tool.ask(operation.flashBegin, words(4096, 1, 4096, FILE_SYSTEM + 8192));
    t.deepEqual((await tool.ask(operation.flashEnd, words(1))).status, OK);
    await board.answer('', '>>> ');
    t.notRegex(board.text, /alive/);
  });
});

test.serial('the ROM runs the flash when told to, without a reset', async (t) => {
  const rig = await withBoard(FILES, async (board) => {
    board.board.powerOn();
    const tool = await intoLoader(board);
    await tool.ask(operation.sync);
    await tool.ask(operation.flashBegin, words(0, 0, BLOCK, 0));
    await tool.ask(operation.flashEnd, words(1));
    t.true(await board.printed('alive'));
    t.regex(await board.answer('1+1\r', '>>> '), /2/);
  });
  t.like(rig.roms.at(-1), { mode: 1 });
});

test.serial('power that goes while the image is written leaves the part that was written', async (t) => {
  await withBoard(FILES, async (board) => {
    board.board.powerOn();
    const tool = await intoLoader(board);
    await tool.ask(operation.sync);
    board.send(encodeSlip(request(operation.flashBegin, words(64 * 1024, 4, BLOCK, 0))), 115_200);
    await board.wait(ms(80));
    board.board.powerOff();
    await board.wait(ms(50));
    board.board.powerOn();
    t.true(await board.printed('alive'), 'The block was not erased yet.');
    const again = await intoLoader(board);
    await again.ask(operation.sync);
    t.deepEqual((await again.ask(operation.flashBegin, words(64 * 1024, 4, BLOCK, 0))).status, OK);
    board.board.powerOff();
    await board.wait(ms(50));
    board.board.powerOn();
    t.true(await board.printed('ets_main.c'));
  });
});
