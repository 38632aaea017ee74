/** What to do when the kernel does not let this user, or cannot, change what happens to packets. */
import type { Advice } from '../command.js';

export const privilegeAdvice: Advice = {
  when: /not permitted|permission denied|must be root/i,
  step:
    'To touch packets needs CAP_NET_ADMIN: run the rig as root, or give it that one capability: sudo setpriv ' +
    '--reuid=$USER --regid=$USER --init-groups --inh-caps=+net_admin --ambient-caps=+net_admin rig …',
};

export const interfaceAdvice = (device: string): Advice => ({
  when: /cannot find device|no such device/i,
  step: `There is no interface ${device}: see "ip link", and check the adapter.`,
});
