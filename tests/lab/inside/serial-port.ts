/** The far ends of the machine's serial ports, where the test plays the device. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { exists } from '../image/cache.js';
import { askHost, HOST, told } from './desk-client.js';
import { until } from './wait.js';

/** A UART of the machine's board (16550). Its far end is a socket of the host. */
export const BOARD_PORT = '/dev/ttyS1';
/** A UART behind USB (FT232), which can be pulled. */
export const USB_PORT = '/dev/ttyUSB0';

export class FarEnd {
  private readonly socket: Socket;
  private heard = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.heard = Buffer.concat([this.heard, bytes]);
    });
    socket.on('error', () => socket.destroy());
  }

  static async open(port: 'uart' | 'usb'): Promise<FarEnd> {
    const socket = connect({ host: HOST, port: Number(told(`${port}_port`)), noDelay: true });
    await once(socket, 'connect');
    return new FarEnd(socket);
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** All bytes that arrived so far. */
  received(): Buffer {
    return this.heard;
  }

  close(): void {
    this.socket.destroy();
  }
}

export async function plugUsb(): Promise<void> {
  await askHost('plug');
  await until(USB_PORT, async () => (await exists(USB_PORT)) || undefined);
}

export async function unplugUsb(): Promise<void> {
  await askHost('unplug');
  await until(`${USB_PORT} is gone`, async () => !(await exists(USB_PORT)) || undefined);
}
