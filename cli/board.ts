/** `rig board`: the virtual ESP8266 alone, in real time: its UART in the terminal, in a pipe, or on a TCP port. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { VIRTUAL_WIFI } from '../drivers/virtual/bench.js';
import { type LiveBoard, startLiveBoard } from '../drivers/virtual/live-board.js';
import { DEFAULT_HOST_ADDRESS } from '../drivers/virtual/network/virtual-network.js';
import { socketGateway } from '../drivers/virtual/socket-gateway.js';
import { printable } from '../reports/text/printable.js';
import type { BusRole } from '../rig/ports.js';
import { Redactor } from '../rig/run/redaction.js';
import { chooseBench, type VirtualChoice } from './bench-choice.js';
import { BoardConsole } from './board-console.js';
import { runBoardPipe } from './board-pipe.js';
import { BoardServer, LOOPBACK } from './board-server.js';
import type { HandTools } from './by-hand.js';
import type { Composition } from './composition.js';
import { runConsoleSession } from './console-session.js';
import { type LinkFirmwareDirectories, loadFirmware, loadLinkFirmware } from './firmware.js';
import { parseInteger } from './parameters.js';
import { parseSeed } from './run-plan.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

const HIGHEST_PORT = 65_535;

interface BoardOptions {
  readonly firmware?: string;
  readonly bare?: boolean;
  readonly bench?: string;
  readonly tcp?: string;
  readonly seed?: string;
}

/** What is in the flash at first, and for which host it is. */
interface Flash {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly role: BusRole;
}

export function addBoardCommand(program: Command, { composition, surroundings }: HandTools): void {
  program
    .command('board')
    .summary('the virtual ESP8266 alone, its REPL here or on a TCP port')
    .description(
      'Starts the virtual ESP8266 alone, in real time. Its REPL is in the terminal: every key goes to the board, Ctrl-C and ' +
        'Ctrl-D too; Ctrl-] leaves. Where standard input is no terminal, it is typed line by line, and the command ends when ' +
        'the board has come to rest. With --tcp its UART is on a port of this machine instead, for tools of real boards, until ' +
        `Ctrl-C. The board finds the network "${VIRTUAL_WIFI.ssid}" with the passphrase "${VIRTUAL_WIFI.passphrase}"; what it ` +
        `connects to at ${DEFAULT_HOST_ADDRESS} is this machine's loopback, and there is nothing else.`,
    )
    .option('--firmware <dir>', "what its flash holds at first (default: the rig's own link firmware)")
    .option('--bare', 'an empty flash: straight to the prompt')
    .option('--bench <file>', "a virtual bench's file: its firmware, for its host's part on the bus")
    .option('--tcp <port>', `UART on this port of ${LOOPBACK}; 0 takes a free one and says which`)
    .option('--seed <n>', 'seed of what is random in the chip (default: a new one)')
    .action(async (options: BoardOptions) => {
      const port = options.tcp === undefined ? undefined : parsePort(options.tcp);
      const seed = options.seed === undefined ? surroundings.newSeed() : parseSeed(options.seed);
      const flash = flashOf(options, composition, surroundings);
      const board = startLiveBoard({
        firmware: flash.files,
        role: flash.role,
        seed,
        hostAddress: DEFAULT_HOST_ADDRESS,
        gateway: socketGateway(({ address, port }) =>
          address === DEFAULT_HOST_ADDRESS ? { host: LOOPBACK, port } : undefined,
        ),
      });
      try {
        const title = `Virtual ESP8266 with ${printable(flash.name)}, seed ${seed}`;
        await use(board, { title, port, surroundings });
      } finally {
        await board.close();
      }
    });
}

interface Use {
  readonly title: string;
  readonly port: number | undefined;
  readonly surroundings: Surroundings;
}

/** Until somebody ends it. Rejects with `BENCH` when the board breaks. */
async function use(board: LiveBoard, { title, port, surroundings }: Use): Promise<void> {
  if (port !== undefined) return await serve(board, { title, port, surroundings });
  // Power comes when everybody listens: the ROM's message is the first.
  const ended = surroundings.input.isTty
    ? runConsoleSession({
        console: new BoardConsole(board),
        title,
        timestamps: false,
        redactor: new Redactor([]),
        surroundings,
      })
    : runBoardPipe({ board, surroundings });
  await Promise.all([ended, board.powerOn()]);
}

async function serve(
  board: LiveBoard,
  { title, port, surroundings }: Use & { readonly port: number },
): Promise<void> {
  const { output, errors, onInterrupt } = surroundings;
  const note = (text: string) => errors.write(`rig: ${printable(text)}\n`);
  const server = await BoardServer.start({ uart: board.uart, port, note });
  const stops: (() => void)[] = [];
  try {
    const ended = new Promise<void>((resolve, reject) => {
      stops.push(board.uart.onLost(reject), onInterrupt(resolve));
    });
    output.write(
      `${title}: its UART is rfc2217://${LOOPBACK}:${server.port}, or without rate and modem lines socket://${LOOPBACK}:${server.port}. Ctrl-C ends.\n`,
    );
    await Promise.all([ended, board.powerOn()]);
  } finally {
    for (const stop of stops) stop();
    await server.close();
  }
}

function parsePort(text: string): number {
  const port = parseInteger(text, '--tcp');
  if (port >= 0 && port <= HIGHEST_PORT) return port;
  throw usageError(`--tcp: ${text} is out of range, which is 0 to ${HIGHEST_PORT}.`);
}

function flashOf(
  { firmware, bare = false, bench }: BoardOptions,
  { linkFirmware }: Composition,
  surroundings: Surroundings,
): Flash {
  if (bare && firmware !== undefined) {
    throw usageError('--bare: the flash is empty or holds --firmware, not both. Leave one of them out.');
  }
  const ofBench = bench === undefined ? undefined : virtualBench(bench, linkFirmware, surroundings);
  const role = ofBench?.role ?? 'target';
  if (bare) return { name: 'an empty flash', files: new Map(), role };
  if (firmware !== undefined) {
    const directory = resolve(surroundings.workingDirectory, firmware);
    return { ...loadFirmware(directory, `--firmware ${firmware}`), role };
  }
  return { ...(ofBench?.firmware ?? loadLinkFirmware(linkFirmware, role)), role };
}

function virtualBench(
  bench: string,
  linkFirmware: LinkFirmwareDirectories,
  surroundings: Surroundings,
): VirtualChoice {
  const chosen = chooseBench({ bench, firmware: undefined }, linkFirmware, surroundings);
  if (chosen.kind === 'virtual') return chosen;
  throw usageError(
    `--bench ${bench}: its board is real. "rig console" shows that one; "rig board" starts a virtual one.`,
  );
}
