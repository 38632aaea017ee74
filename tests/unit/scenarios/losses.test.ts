/** What scenarios conclude from the list of losses, which has an end. */
import test from 'ava';
import type { LossRecord } from '../../../rig/run/result.js';
import { lossesSuchThat } from '../../../scenarios/parts.js';

const loss = (fault?: number): LossRecord => ({
  stream: 'uplink',
  sequence: 0,
  dueMs: 0,
  lastPoint: 'accepted',
  boot: 1,
  ...(fault !== undefined && { fault }),
});
const isUnexplained = ({ fault }: { readonly fault?: number | undefined }) => fault === undefined;

test('losses that are not listed do not pass for none', (t) => {
  const faults: [] = [];
  t.is(lossesSuchThat({ losses: [loss(1)], lossesNotShown: 0, faults }, isUnexplained), 0);
  t.is(lossesSuchThat({ losses: [loss(1), loss()], lossesNotShown: 5, faults }, isUnexplained), 1);
  t.is(lossesSuchThat({ losses: [loss(1)], lossesNotShown: 5, faults }, isUnexplained), undefined);
});
