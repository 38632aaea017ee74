/** The examination of a bench: from the supply to the server, in the order in which one thing needs the other. */
import { isRigError, messageOf } from '../errors.js';
import { checkBoot } from './check-boot.js';
import { checkLink } from './check-link.js';
import { checkSupply } from './check-supply.js';
import { type Finding, failed, ok, skipped } from './finding.js';
import { missing, type Patient } from './patient.js';

/**
 * Finding by finding. The device's supply is cut, it is reset, and its link is brought up; all is let go of at the
 * end. A check that breaks is a finding too; rejects only with `CANCELLED`.
 */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  yield* guarded('power', () => checkSupply(patient));
  yield* guarded('accessPoint', () => checkAccessPoint(patient));
  yield* guarded('reset, console', async function* () {
    yield await checkBoot(patient);
  });
  yield* guarded('link', () => checkLink(patient));
}

async function* checkAccessPoint(patient: Patient): AsyncGenerator<Finding> {
  const { accessPoint } = patient.ports;
  if (accessPoint === undefined) {
    yield missing(patient, 'accessPoint', ['accessPoint']) ?? skipped('accessPoint', 'not tried');
    return;
  }
  await accessPoint.on();
  yield ok('accessPoint', `network "${accessPoint.ssid}" is on the air`);
}

async function* guarded(device: string, check: () => AsyncGenerator<Finding>): AsyncGenerator<Finding> {
  try {
    yield* check();
  } catch (error) {
    if (isRigError(error, 'CANCELLED')) throw error;
    yield failed(device, messageOf(error), 'See the message; then run the doctor again.');
  }
}
