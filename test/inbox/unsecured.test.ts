import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Unsecured } from '../../src/inbox/unsecured';
import { FakeClock } from '../support/fake-clock';

describe('Unsecured', () => {
  let unsecured: Unsecured;
  beforeEach(() => {
    unsecured = new Unsecured(new FakeClock());
  });

  it('waits for all that was accepted until then, and for nothing later', async () => {
    const [first, second] = [unsecured.add('one'), unsecured.add('one')];
    let isSettled = false;
    void unsecured.settled('one').then(() => (isSettled = true));
    unsecured.add('one');
    second();
    second();
    await turn();
    assert.ok(!isSettled);
    first();
    await turn();
    assert.ok(isSettled);
  });

  it('does not wait for events of other channels', async () => {
    unsecured.add('another');
    await unsecured.settled('one');
  });

  it('lets several wait, and nobody if nothing is open', async () => {
    await unsecured.settled('one');
    const secure = unsecured.add('one');
    const both = Promise.all([unsecured.settled('one'), unsecured.settled('one')]);
    secure();
    await both;
  });
});
