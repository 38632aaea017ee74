/** How many messages a second the ledger accounts for, on one core. */
import { Ledger } from '../rig/ledger/ledger.js';
import type { StreamDeclaration } from '../rig/run/declarations.js';
import type { RunEventBody } from '../rig/run/events.js';
import { instant, ms } from '../rig/time/units.js';
import { type DecodedMessage, encodeMessage } from '../rig/traffic/message.js';

const MESSAGES = 400_000;
const ROUNDS = 5;
/** Messages on their way at a time. */
const IN_FLIGHT = 8;
const SIZE_BYTES = 64;

const stream: StreamDeclaration = {
  name: 'up',
  direction: 'uplink',
  qos: true,
  wait: true,
  periodUs: ms(1),
  count: MESSAGES,
  sizeBytes: SIZE_BYTES,
};

/**
 * Messages per second through due, offered, accepted, arrived and the emitted decision: from the text as it
 * arrives, and from messages that were decoded before. The best of several rounds, since the machine has other
 * work too.
 */
export function benchLedger(): { messagesPerSecond: number; decodedMessagesPerSecond: number } {
  const texts: string[] = [];
  for (let sequence = 0; sequence < MESSAGES; sequence += 1) {
    // A text that comes off a wire is one flat string; one put together from parts is not, until it is read.
    texts.push(Buffer.from(encodeMessage(stream.name, sequence, SIZE_BYTES)).toString('latin1'));
  }
  let messagesPerSecond = 0;
  let decodedMessagesPerSecond = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    messagesPerSecond = Math.max(
      messagesPerSecond,
      rateOf((ledger, sequence) => {
        ledger.arrived('uplink', texts[sequence] ?? '', instant(sequence * 1_000 + 900));
      }),
    );
    decodedMessagesPerSecond = Math.max(
      decodedMessagesPerSecond,
      rateOf((ledger, sequence) => {
        const message: DecodedMessage = { kind: 'ok', stream: stream.name, sequence };
        ledger.arrivedDecoded('uplink', message, '', instant(sequence * 1_000 + 900));
      }),
    );
  }
  return { messagesPerSecond, decodedMessagesPerSecond };
}

function rateOf(arrive: (ledger: Ledger, sequence: number) => void): number {
  let decided = 0;
  const emit = (body: RunEventBody): void => {
    if (body.type === 'message' && body.verdict === 'delivered') decided += 1;
  };
  const steady = { phase: 'steady', boot: 1 } as const;
  const ledger = new Ledger({ streams: [stream], emit, attribution: () => steady });
  const beganNs = process.hrtime.bigint();
  for (let sequence = 0; sequence < MESSAGES; sequence += 1) {
    ledger.due(stream.name, sequence, instant(sequence * 1_000));
    ledger.offered(stream.name, sequence, instant(sequence * 1_000 + 100));
    ledger.accepted(stream.name, sequence, instant(sequence * 1_000 + 200));
    if (sequence >= IN_FLIGHT) arrive(ledger, sequence - IN_FLIGHT);
  }
  for (let sequence = MESSAGES - IN_FLIGHT; sequence < MESSAGES; sequence += 1) arrive(ledger, sequence);
  const tookS = Number(process.hrtime.bigint() - beganNs) / 1e9;
  if (decided !== MESSAGES) throw new Error(`The ledger decided ${decided} of ${MESSAGES} messages.`);
  return MESSAGES / tookS;
}
