/**
 * The thread in which the virtual ESP8266 lives. From one power-up or reset to the next is one life: a fresh
 * interpreter with the chip around it, booting the flash. Between lives the thread waits for the host, and between boards
 * for the next one.
 */
import { parentPort } from 'node:worker_threads';
import { createRandom, type Random } from '../../../rig/random.js';
import { RadioLoad } from './chip/radio-load.js';
import { Rtc } from './chip/rtc.js';
import type { Build, Files } from './flash.js';
import { Life, type LifeOptions } from './life.js';
import { deviceState, LockstepMemory } from './lockstep/channel.js';
import { type BoardRecord, deviceRecord, hostRecord } from './lockstep/records.js';
import { BoardFlash } from './rom/board-flash.js';

/** What the host gives the thread at its start. */
export interface DeviceThreadData {
  readonly memory: SharedArrayBuffer;
  /** The interpreter, compiled by the host. */
  readonly module: WebAssembly.Module;
  /** The firmware's files: path to content. */
  readonly flash: ReadonlyMap<string, Uint8Array> | undefined;
  /** The interpreter's build, where it is not the port's own. */
  readonly build: Build | undefined;
  /** The board's own Python modules. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
  readonly seed: number;
  /** Names that the bench's network resolves. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** One board: its flash and its clock outlast its lives. */
class Board {
  private readonly data: DeviceThreadData;
  private readonly memory: LockstepMemory;
  private readonly random: Random;
  private readonly radioLoad: RadioLoad;
  private readonly flash: BoardFlash;
  private readonly modules: Files;
  private readonly rtc: Rtc;

  constructor(data: DeviceThreadData) {
    this.data = data;
    this.memory = new LockstepMemory(data.memory);
    this.random = createRandom(data.seed);
    this.flash = new BoardFlash(data.flash, data.build?.factory);
    const frozen = [...(data.build?.frozen ?? [])].map(([path, bytes]) => [`frozen/${path}`, bytes] as const);
    this.modules = new Map([...data.modules, ...frozen]);
    this.rtc = new Rtc(this.random.fork('rtc'));
    this.radioLoad = new RadioLoad(this.random.fork('radio'));
  }

  /** Its lives, until the thread is to leave it. */
  async run(): Promise<void> {
    const { memory } = this;
    memory.awaitTurn();
    for (;;) {
      const records: BoardRecord[] = [];
      memory.toDevice.takeAll((record) => records.push(record));
      if (records.some((record) => record.kind === hostRecord.leave)) break;
      const [boot, ...known] = records.slice(records.findIndex((record) => record.kind === hostRecord.boot));
      // Reset may have been pressed, or power cut, at the very instant of the start.
      const isStoppedAgain = known.some((record) => record.kind === hostRecord.stop);
      if (boot?.kind === hostRecord.boot && !isStoppedAgain) await this.liveOnce(boot, known);
      else memory.state = deviceState.off;
      memory.handOver();
    }
    memory.endTurn();
  }

  /** One life. `boot` says why the chip starts; `known` is how the bench around it stands. */
  private async liveOnce(boot: BoardRecord, known: readonly BoardRecord[]): Promise<void> {
    const { memory, rtc, flash, random, radioLoad, modules } = this;
    const { module, hosts } = this.data;
    rtc.start(boot.a, memory.nowUs, Number(new TextDecoder().decode(boot.bytes)));
    const options: LifeOptions = {
      memory,
      module,
      flash,
      rtc,
      random,
      radioLoad,
      cause: boot.a,
      mode: boot.b,
      modules,
      hosts,
    };
    const life = new Life(options);
    for (const record of known) life.receive(record);
    try {
      await life.run();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      memory.toHost.put(deviceRecord.broken, memory.nowUs, 0, 0, new TextEncoder().encode(text));
    }
    life.saveFlash();
    memory.state = deviceState.off;
  }
}

parentPort?.on('message', (data: DeviceThreadData) => {
  void new Board(data).run();
});
