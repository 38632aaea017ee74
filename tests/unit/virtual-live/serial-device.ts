/** A live board's UART as the Web Serial port that Espressif's package wants. */
import type { LiveUart } from '../../../drivers/virtual/live-uart.js';

interface Signals {
  dataTerminalReady?: boolean;
  requestToSend?: boolean;
}

export class SerialDevice extends EventTarget {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  onconnect = null;
  ondisconnect = null;
  private readonly uart: LiveUart;
  private signals = { dtr: false, rts: false };
  private stop: () => void = () => undefined;

  constructor(uart: LiveUart) {
    super();
    this.uart = uart;
  }

  getInfo(): { usbVendorId?: number } {
    return {};
  }

  async open({ baudRate }: { baudRate: number }): Promise<void> {
    await this.uart.setBaud(baudRate);
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.stop = this.uart.onBytes((bytes) => controller.enqueue(bytes.slice()));
      },
    });
    this.writable = new WritableStream<Uint8Array>({ write: (bytes) => this.uart.write(bytes) });
  }

  async setSignals({ dataTerminalReady, requestToSend }: Signals): Promise<void> {
    const { dtr, rts } = this.signals;
    this.signals = { dtr: dataTerminalReady ?? dtr, rts: requestToSend ?? rts };
    await this.uart.setModemLines(this.signals);
  }

  async getSignals(): Promise<{
    dataCarrierDetect: boolean;
    clearToSend: boolean;
    ringIndicator: boolean;
    dataSetReady: boolean;
  }> {
    return { dataCarrierDetect: false, clearToSend: false, ringIndicator: false, dataSetReady: false };
  }

  async forget(): Promise<void> {}

  async close(): Promise<void> {
    this.stop();
    this.readable = null;
    this.writable = null;
  }
}
