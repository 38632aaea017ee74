/** To change what happens to packets takes a privilege: how it is got, and what to do without it. */
import { readFileSync } from 'node:fs';
import type { Advice, CommandRunner } from '../command.js';

/** CAP_NET_ADMIN (linux/capability.h). */
const NET_ADMIN_BIT = 12n;

/** True when this process has the privilege itself, as root has. `status` is what /proc/self/status says. */
export function mayTouchPackets(status = ownStatus()): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/im.exec(status) ?? [];
  return ((BigInt(`0x${effective}`) >> NET_ADMIN_BIT) & 1n) === 1n;
}

function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}

/** Runs the kernel's tools, by `sudo` where this process lacks the privilege. */
export interface PacketTools {
  /** The command with `sudo` where that is needed: for the undo log. */
  argv(...words: readonly string[]): readonly string[];
  run(words: readonly string[], advice: readonly Advice[]): Promise<string>;
}

export function packetTools(run: CommandRunner, device: string, isPrivileged: boolean): PacketTools {
  // It never asks for a password: there is nobody to give it.
  const prefix = isPrivileged ? [] : ['sudo', '-n'];
  const argv = (...words: readonly string[]) => [...prefix, ...words];
  return {
    argv,
    run: async (words, advice) => {
      const all = [privilegeAdvice, interfaceAdvice(device), ...advice];
      return (await run(argv(...words), { advice: all })).stdout;
    },
  };
}

const privilegeAdvice: Advice = {
  when: /not permitted|permission denied|must be root|password is required|not allowed to execute|may not run sudo/i,
  step:
    'To touch packets takes a privilege: run the rig as root, or let this user run nft, tc and ip by sudo without a ' +
    'password (docs/physical-bench.md has the line).',
};

const interfaceAdvice = (device: string): Advice => ({
  when: /cannot find device|no such device/i,
  step: `There is no interface ${device}: see "ip link", and check the adapter.`,
});
