/** A client of QEMU's machine protocol: commands with their answers, one after the other. */
import { connect, type Socket } from 'node:net';
import { onLine } from './lines.js';

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
}

/** Commands that wait for QEMU's answer at a time. */
const WAITING_LIMIT = 16;

export class Qmp {
  private readonly socket: Socket;
  private readonly waiting: ((answer: Answer) => void)[] = [];
  private closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    onLine(socket, (line) => this.take(line));
    socket.on('close', () => this.close());
  }

  /** Connects to the socket at `path`, where QEMU listens. */
  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const qmp = new Qmp(socket);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Rejects with what QEMU says against it. */
  async execute(name: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.closed) throw new Error(`QEMU is gone: ${name}`);
    if (this.waiting.length >= WAITING_LIMIT) throw new Error(`QEMU does not answer: ${name}`);
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(`${JSON.stringify({ execute: name, arguments: parameters })}\n`);
    });
    if (answer.error !== undefined) throw new Error(`${name}: ${answer.error.desc ?? 'refused'}`);
    return answer.return;
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
    for (const settle of this.waiting.splice(0)) settle({ error: { desc: 'QEMU is gone' } });
  }

  private take(line: string): void {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null) return;
    // The greeting and events are no answers.
    if ('return' in message || 'error' in message) this.waiting.shift()?.(message as Answer);
  }
}
