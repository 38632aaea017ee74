/**
 * Checks the streams that a scenario declares, before the run begins: what could never travel would otherwise end the
 * run in its middle, and might look like the device's fault.
 */
import { RigError } from '../errors.js';
import { MAX_TEXT_BYTES } from '../link/messages.js';
import type { StreamDeclaration } from '../run/declarations.js';
import { MAX_SEQUENCE, STREAM_NAME, smallestMessageBytes } from './message.js';

/** Messages of a stream that may fall due at once: fewer than the queues of client and server hold. */
const MAX_BURST = 1_000;

/** Throws `USAGE`, naming the stream and the field, when a stream cannot be carried by the link. */
export function requireStreams(streams: readonly StreamDeclaration[]): void {
  if (!Array.isArray(streams)) throw new RigError('USAGE', 'streams must give a list of streams.');
  const names = new Set<string>();
  for (const stream of streams) {
    requireStream(stream);
    if (names.has(stream.name)) {
      throw new RigError('USAGE', `Two streams are called "${stream.name}": give each its own name.`);
    }
    names.add(stream.name);
  }
}

function requireStream({ name, direction, periodUs, burst = 1, count, sizeBytes }: StreamDeclaration): void {
  if (typeof name !== 'string' || !STREAM_NAME.test(name)) {
    throw new RigError(
      'USAGE',
      `A stream is called "${name}": use 1 to 32 letters, digits, "_", "." or "-".`,
    );
  }
  if (direction !== 'uplink' && direction !== 'downlink')
    throw wrong(name, 'direction', 'uplink or downlink');
  if (!(periodUs > 0 && Number.isFinite(periodUs))) throw wrong(name, 'periodUs', 'longer than nothing');
  requireInteger(name, 'burst', burst, 1, MAX_BURST);
  requireInteger(name, 'count', count, 1, MAX_SEQUENCE + 1);
  requireInteger(name, 'sizeBytes', sizeBytes, smallestMessageBytes(name, count), MAX_TEXT_BYTES);
}

function requireInteger(stream: string, field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw wrong(stream, field, `a whole number from ${least} to ${most}, not ${value}`);
}

const wrong = (stream: string, field: string, wanted: string): RigError =>
  new RigError('USAGE', `Stream "${stream}": ${field} must be ${wanted}.`);
