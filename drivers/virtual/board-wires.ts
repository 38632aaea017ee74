/** The wires between board and host, and which of the board's pins each hangs on. */
import type { Level } from '../../rig/ports.js';
import type { Feed } from './rail.js';
import { Wire } from './wire.js';

/** The board's pins on the wires of the link and of the bus (docs/protocol.md §1). */
const GPIO = { syn: 5, ack: 4, scl: 0, sda: 2 } as const;

export type WireName = keyof typeof GPIO;
export type BoardWires = Readonly<Record<WireName, Wire>>;

const WIRES: readonly WireName[] = ['syn', 'ack', 'scl', 'sda'];
const BOARD = 'board';

export function createBoardWires(): BoardWires {
  return { syn: new Wire(), ack: new Wire(), scl: new Wire(), sda: new Wire() };
}

/** The board drives a pin, or lets go of it. */
export function driveByBoard(wires: BoardWires, gpio: number, level: Level | undefined): void {
  for (const name of WIRES) if (GPIO[name] === gpio) wires[name].drive(BOARD, level);
}

/** Lets the board see the levels on its pins. */
export function showToBoard(wires: BoardWires, board: { setPin(gpio: number, level: Level): void }): void {
  for (const name of WIRES) wires[name].onChange((level) => board.setPin(GPIO[name], level));
}

/** What feeds the board beside its supply: whoever drives a wire of its high, and pull-ups that hang on the host's. */
export function feedsOf(wires: BoardWires, pullUps: 'board' | 'host'): Feed[] {
  const feeds: Feed[] = pullUps === 'host' ? ['pull-up'] : [];
  return WIRES.some((name) => wires[name].isFedBesides(BOARD)) ? [...feeds, 'output'] : feeds;
}
