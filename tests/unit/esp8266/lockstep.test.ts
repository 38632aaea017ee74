/** Two threads and one turn: never do both run, nothing is lost in between, and a hung one is found out. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { deviceState, LockstepMemory } from '../../../drivers/virtual/esp8266/lockstep/channel.js';
import type { BoardRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';
import { MOST_WAITS, TurnPatience } from '../../../drivers/virtual/esp8266/lockstep/turn-patience.js';
import type { PeerData } from './lockstep-peer.js';

const PATIENCE_MS = 20_000;

function startPeer(turns: number) {
  const memory = new LockstepMemory();
  const witness = new Int32Array(new SharedArrayBuffer(8));
  const workerData: PeerData = { memory: memory.buffer, witness: witness.buffer, turns };
  const thread = new Worker(fileURLToPath(new URL('./lockstep-peer.js', import.meta.url)), { workerData });
  return { memory, witness, thread };
}

test.serial('over 10,000 hand-overs only one runs at a time, and every record arrives', async (t) => {
  const turns = 10_000;
  const { memory, witness, thread } = startPeer(turns + 1);
  const words = new Int32Array(memory.buffer);
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      if (Atomics.add(witness, 0, 1) !== 0) Atomics.add(witness, 1, 1);
      const bytes = Uint8Array.of(turn & 0xff, (turn >> 8) & 0xff);
      memory.toDevice.put(7, turn, turn, 0, bytes);
      if (turn % 5 === 0) Atomics.notify(words, 0);
      Atomics.sub(witness, 0, 1);
      if (!memory.grant(turn, 2 * turn, PATIENCE_MS)) throw new Error(`no hand-over in turn ${turn}`);
      const records: BoardRecord[] = [];
      memory.toHost.takeAll((record) => records.push(record));
      if (turn % 1_000 === 0 || records.length !== 1) {
        t.deepEqual(records, [{ kind: 7, atUs: turn, a: turn + 1, b: turn, bytes }]);
        t.is(memory.wakeUs, 3 * turn);
        t.is(memory.state, deviceState.running);
      }
    }
    t.is(witness[1], 0, 'Both ran at once.');
  } finally {
    await thread.terminate();
  }
});

test.serial('a device that keeps its turn is found out after the limit', async (t) => {
  const { memory, thread } = startPeer(1);
  try {
    t.true(memory.grant(0, 1, PATIENCE_MS));
    const start = process.hrtime.bigint();
    t.false(memory.grant(1, 2, 150));
    const tookMs = Number(process.hrtime.bigint() - start) / 1e6;
    t.true(tookMs >= 149 && tookMs < 5_000, `${tookMs} ms`);
  } finally {
    await thread.terminate();
  }
});

test.serial('after the limit it is asked whether to wait for as long again', async (t) => {
  const { memory, thread } = startPeer(1);
  try {
    t.true(memory.grant(0, 1, PATIENCE_MS));
    let asked = 0;
    const start = process.hrtime.bigint();
    t.false(
      memory.grant(1, 2, 50, () => {
        asked += 1;
        return asked < 3;
      }),
    );
    t.is(asked, 3);
    t.true(Number(process.hrtime.bigint() - start) / 1e6 >= 149);
  } finally {
    await thread.terminate();
  }
});

/** Of each wait, how much of the processor the device had; how many waits are made of it. */
const waitsWith = (sharesMs: readonly number[]) => {
  let usedMs = 5_000;
  const patience = new TurnPatience(1_000, () => usedMs);
  patience.reset();
  for (const [index, share] of sharesMs.entries()) {
    usedMs += share;
    if (!patience.isLeft()) return index + 1;
  }
  return Number.NaN;
};

test('a device that had the processor for a whole wait hangs; one that did not have it is waited for', (t) => {
  t.is(waitsWith([1_000, 1_000, 1_000]), 2);
  t.is(waitsWith([1_000, 100, 0, 499, 500]), 5);
  t.is(waitsWith(Array<number>(20).fill(10)), MOST_WAITS);
});
