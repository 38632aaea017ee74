/** A process that watches a descriptor as the GPIO driver does, and then ends in one of the ways that there are. */
import { constants, openSync, writeSync } from 'node:fs';
import { loadKernel } from '../../../drivers/pi/gpio/libc.js';
import { LinePoller } from '../../../drivers/pi/gpio/poller.js';

const [path = '', end] = process.argv.slice(2);
const kernel = await loadKernel();
// A limit of a minute instead of a quarter of a second: nothing but being woken ends the wait soon.
const patient = { ...kernel, poll: (fds: readonly number[]) => kernel.poll(fds, 60_000) };
const fd = openSync(path, constants.O_RDWR);
const poller = new LinePoller(patient);
poller.watch(fd, () => undefined);

setTimeout(() => {
  writeSync(process.stdout.fd, String(Date.now()));
  if (end === 'process.exit') process.exit(0);
  if (end === 'exception') throw new Error('as a defect would');
  void poller.forget(fd);
}, 100);
