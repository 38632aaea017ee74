/** A thread at the device's end of the lockstep memory, for the tests of it. */
import { workerData } from 'node:worker_threads';
import { deviceState, LockstepMemory } from '../../../drivers/virtual/esp8266/lockstep/channel.js';

export interface PeerData {
  readonly memory: SharedArrayBuffer;
  /** Two words: who is running, and how often both were. */
  readonly witness: SharedArrayBuffer;
  /** Hands over this often, then keeps its turn for ever. */
  readonly turns: number;
}

const data: PeerData = workerData;
const memory = new LockstepMemory(data.memory);
const witness = new Int32Array(data.witness);

memory.awaitTurn();
for (let turn = 0; turn < data.turns; turn += 1) {
  if (Atomics.add(witness, 0, 1) !== 0) Atomics.add(witness, 1, 1);
  memory.toDevice.takeAll((record) => {
    memory.toHost.put(record.kind, record.atUs, record.a + 1, turn, record.bytes);
  });
  memory.state = deviceState.running;
  memory.wakeUs = memory.nowUs + memory.horizonUs;
  // A notification that belongs to nothing: only the turn itself may end a wait.
  if (turn % 3 === 0) Atomics.notify(new Int32Array(data.memory), 0);
  Atomics.sub(witness, 0, 1);
  memory.handOver();
}
// Hung.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
