import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Unsecured } from '../../src/inbox/unsecured';

describe('Unsecured', () => {
  it('waits for all that was accepted until then, and for nothing later', async () => {
    const unsecured = new Unsecured();
    const [first, second] = [unsecured.add(), unsecured.add()];
    let isSettled = false;
    void unsecured.settled().then(() => (isSettled = true));
    unsecured.add();
    second();
    second();
    await turn();
    assert.ok(!isSettled);
    first();
    await turn();
    assert.ok(isSettled);
  });

  it('lets several wait, and nobody if nothing is open', async () => {
    const unsecured = new Unsecured();
    await unsecured.settled();
    const secure = unsecured.add();
    const both = Promise.all([unsecured.settled(), unsecured.settled()]);
    secure();
    await both;
  });
});
