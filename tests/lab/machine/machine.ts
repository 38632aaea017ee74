/** The virtual machine: QEMU with two images, two serial ports, and channels for results and questions. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Image } from '../image/build.js';
import { type Actions, listen, openDesk } from './desk.js';
import { onLine } from './lines.js';
import { Qmp } from './qmp.js';

export interface MachineOptions {
  readonly image: Image;
  /** Image of the repository, with everything that runs in it. */
  readonly repository: string;
  /** Folder for sockets and for the console's log. */
  readonly work: string;
  /** What the guest finds in its environment as RIG_LAB_name. */
  readonly words: Readonly<Record<string, string>>;
  /** Is called with each line of the job's output. */
  readonly onLine: (line: string) => void;
  /** When the machine is to be ended. */
  readonly limitMs: number;
  /** Aborting it ends the machine at once. */
  readonly signal: AbortSignal;
}

export interface MachineEnd {
  /** False when it was ended from outside, or its processor gave up. */
  readonly finished: boolean;
  readonly reason: string;
}

/** Memory of the guest; both writable layers lie in it. */
const MEMORY_MB = 1_536;
/** USB's plug: the chip behind it (an FT232) and its place. */
const USB_SERIAL = {
  driver: 'usb-serial',
  id: 'usb-serial',
  chardev: 'usb',
  bus: 'xhci.0',
  'always-plugged': true,
} as const;
/** The last line of the job, with its exit status. */
export const JOB_END = /^# exit (\d+)\s*$/;
const QMP_ATTEMPTS = 50;
const QMP_PAUSE_MS = 100;

export const consoleLog = (work: string): string => join(work, 'console.log');

/** Boots the machine and resolves when its job is done and it is switched off, or when it was ended. */
export async function runMachine(options: MachineOptions): Promise<MachineEnd> {
  const { work } = options;
  const results = createServer((socket) => {
    onLine(socket, (line) => {
      options.onLine(line);
      if (JOB_END.test(line)) void qmp?.execute('quit').catch(() => undefined);
    });
  });
  let qmp: Qmp | undefined;
  const actions: Actions = new Map([
    ['plug', () => plug(qmp)],
    ['unplug', async () => void (await qmp?.execute('device_del', { id: USB_SERIAL.id }))],
  ]);
  const desk = await openDesk(actions);
  const ports = { desk: desk.port, uart: await freePort(), usb: await freePort() };
  await new Promise<void>((resolve) => results.listen(join(work, 'results.sock'), resolve));
  const machine = spawn('qemu-system-x86_64', parameters(options, ports), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = ended(machine, options);
  // When it ends at once, there is nothing to connect to; `end` tells why.
  qmp = await connectQmp(join(work, 'qmp.sock'), machine);
  try {
    return await end;
  } finally {
    qmp?.close();
    desk.close();
    results.close();
  }
}

type Ports = Readonly<Record<'desk' | 'uart' | 'usb', number>>;

function parameters({ image, repository, work, words }: MachineOptions, ports: Ports): string[] {
  const told = { ...words, desk_port: ports.desk, uart_port: ports.uart, usb_port: ports.usb };
  const append = [
    'console=ttyS0 quiet mitigations=off nokaslr no_timer_check tsc=reliable panic=-1',
    ...Object.entries(told).map(([name, value]) => `rig.${name}=${value}`),
  ];
  const disk = (id: string, file: string) => [
    ...['-drive', `id=${id},file=${file},format=raw,if=none,readonly=on`],
    ...['-device', `virtio-blk-pci,drive=${id}`],
  ];
  const tcp = (id: string, port: number) => [
    '-chardev',
    `socket,id=${id},host=127.0.0.1,port=${port},server=on,wait=off,nodelay=on`,
  ];
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-M', 'q35', '-m', `${MEMORY_MB}`, '-smp', '2'],
    ...['-nodefaults', '-no-reboot', '-display', 'none'],
    ...['-kernel', image.kernel, '-initrd', image.initialRam, '-append', append.join(' ')],
    ...disk('root', image.root),
    ...disk('repository', repository),
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...tcp('uart', ports.uart),
    ...['-serial', 'chardev:uart'],
    ...['-device', 'qemu-xhci,id=xhci', ...tcp('usb', ports.usb)],
    ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=results,path=${join(work, 'results.sock')}`],
    ...['-device', 'virtserialport,chardev=results,name=rig.results'],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net'],
    ...['-qmp', `unix:${join(work, 'qmp.sock')},server=on,wait=off`],
  ];
}

function ended(machine: ChildProcess, { work, limitMs, signal: stop }: MachineOptions): Promise<MachineEnd> {
  const log = createWriteStream(consoleLog(work));
  machine.stdout?.pipe(log, { end: false });
  machine.stderr?.pipe(log, { end: false });
  return new Promise((resolve) => {
    let reason: string | undefined;
    const limit = setTimeout(() => {
      reason = `it was still running after ${limitMs / 1_000} s`;
      machine.kill('SIGKILL');
    }, limitMs);
    stop.addEventListener('abort', () => {
      reason = 'it was stopped';
      machine.kill('SIGKILL');
    });
    machine.on('error', (error) => {
      reason = error.message;
    });
    machine.on('close', (status, signal) => {
      clearTimeout(limit);
      reason ??= status === 0 ? undefined : `QEMU ended with ${signal ?? `status ${status}`}`;
      log.end(() => resolve({ finished: reason === undefined, reason: reason ?? 'switched off' }));
    });
  });
}

/** QEMU lets go of an unplugged device's socket some time after it has gone; until then it is "in use". */
async function plug(qmp: Qmp | undefined): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await qmp?.execute('device_add', USB_SERIAL);
      return;
    } catch (error) {
      if (attempt === QMP_ATTEMPTS || !/in use/.test(String(error))) throw error;
      await pause();
    }
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, QMP_PAUSE_MS));

async function connectQmp(path: string, machine: ChildProcess): Promise<Qmp | undefined> {
  for (let attempt = 0; attempt < QMP_ATTEMPTS && machine.exitCode === null; attempt += 1) {
    try {
      return await Qmp.open(path);
    } catch {
      await pause();
    }
  }
  return undefined;
}

/** A port that is free now. QEMU cannot tell which one it took, so it is told which to take. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
