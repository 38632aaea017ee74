/**
 * The threads in which virtual boards live. Starting one takes longer than booting the board in it (measured), so a
 * thread whose board is closed waits for the next board. Nothing of a board is left in it: each life of a board has a
 * fresh interpreter anyway.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DeviceThreadData } from './device-thread.js';

/** Threads that wait for a board at most: as many as benches usually have boards at a time. */
const SPARE_THREADS = 2;

const spare: Worker[] = [];

/** A thread in which the board of `data` lives, until it is told to leave. */
export function startThread(data: DeviceThreadData): Worker {
  const thread = spare.pop() ?? newThread();
  thread.postMessage(data);
  return thread;
}

/** Takes back a thread that has left its board. */
export async function keepThread(thread: Worker): Promise<void> {
  if (spare.length < SPARE_THREADS) spare.push(thread);
  else await endThread(thread);
}

export async function endThread(thread: Worker): Promise<void> {
  await thread.terminate();
}

function newThread(): Worker {
  const thread = new Worker(fileURLToPath(new URL('./device-thread.js', import.meta.url)));
  // A board's thread keeps nothing alive: it moves only when the host lets it.
  thread.unref();
  return thread;
}
