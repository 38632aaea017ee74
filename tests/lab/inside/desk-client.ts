/** Asks the host to do something to the machine, such as to pull a plug. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** The host, as QEMU's user network shows it to the guest. */
export const HOST = '10.0.2.2';

/** What the host told the guest under `name`. */
export function told(name: string): string {
  const value = process.env[`RIG_LAB_${name}`];
  if (value === undefined)
    throw new Error(`The host has not told "${name}"; does this run in the lab's machine?`);
  return value;
}

/** Rejects with what the host says against it. */
export async function askHost(action: 'plug' | 'unplug'): Promise<void> {
  const socket = connect({ host: HOST, port: Number(told('desk_port')) });
  try {
    socket.setEncoding('utf8').write(`${action}\n`);
    const [answer] = await once(socket, 'data');
    if (String(answer).trim() !== 'ok')
      throw new Error(`The host did not ${action}: ${String(answer).trim()}`);
  } finally {
    socket.destroy();
  }
}
