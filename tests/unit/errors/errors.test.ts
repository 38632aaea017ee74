/** The rig's one error class: its codes are told apart, and anything that was thrown has a message. */
import test from 'ava';
import { errorCodes, isRigError, messageOf, RigError } from '../../../rig/errors.js';

test('an error is known by its class and by its code', (t) => {
  for (const code of errorCodes) {
    const error: unknown = new RigError(code, 'what happened');
    t.true(isRigError(error));
    for (const other of errorCodes) t.is(isRigError(error, other), other === code);
  }
  t.false(isRigError(new Error('other'), 'BENCH'));
  t.false(isRigError({ name: 'RigError', code: 'BENCH', message: 'looks like one' }));
  t.false(isRigError(undefined));
});

test('an error keeps its cause and its name', (t) => {
  const cause = new Error('deeper');
  const error = new RigError('BENCH', 'the adapter is gone', { cause });
  t.is(error.cause, cause);
  t.is(String(error), 'RigError: the adapter is gone');
});

test('anything that was thrown has a message', (t) => {
  t.is(messageOf(new RigError('FULL', 'full')), 'full');
  t.is(messageOf('just text'), 'just text');
  t.is(messageOf(undefined), 'undefined');
  t.is(messageOf(null), 'null');
});
