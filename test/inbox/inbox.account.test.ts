import assert from 'node:assert/strict';
import { RecordedLine, ids, listener } from '../support/recorded-line';

/** A run as this account, which the inbox finds out at once; `undefined` if it cannot. */
function runAs(line: RecordedLine, account: string | undefined): void {
  line.start({ findAccount: () => Promise.resolve(account) });
}

/** An earlier run as `account` in which something was missed and something waits for the listener. */
async function leftBy(account: string | undefined): Promise<RecordedLine> {
  const line = new RecordedLine();
  runAs(line, account);
  const stop = line.harness.inbox.add(listener());
  await line.harness.open();
  await line.clock.pass(60_000);
  stop('restarting');
  line.say('pending');
  await line.close();
  line.write('missed');
  return line;
}

async function receivedBy(line: RecordedLine): Promise<string[]> {
  const spy = listener();
  line.harness.inbox.add(spy);
  await line.harness.open();
  await line.clock.pass(120_000);
  return ids(spy);
}

describe('a connection that changes its account', () => {
  it('inherits nothing of the account before', async () => {
    const line = await leftBy('1');
    runAs(line, '2');
    assert.deepEqual(await receivedBy(line), []);
    assert.ok(line.harness.log.some((text) => text.includes('another account')));
  });

  it('goes on if the account is the same, or cannot be found out', async () => {
    for (const account of ['1', undefined]) {
      const line = await leftBy('1');
      runAs(line, account);
      assert.deepEqual(await receivedBy(line), ['pending', 'missed recovered']);
    }
  });

  it('begins again if the other account is found out only after it has begun', async () => {
    const line = await leftBy('1');
    const accounts = [undefined, '2'];
    line.start({ findAccount: () => Promise.resolve(accounts[0]) });
    line.failure = new Error('not yet');
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    accounts.shift();
    line.harness.drop();
    await line.harness.open();
    line.failure = undefined;
    await line.clock.pass(120_000);
    line.say('of the other account');
    await line.clock.settle();
    // What waited was delivered before that was known.
    assert.deepEqual(ids(spy), ['pending', 'of the other account']);
  });

  it('does not wait longer than 5 s for the account', async () => {
    const line = await leftBy('1');
    line.start({ findAccount: () => new Promise(() => undefined) });
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.clock.pass(5_000);
    await line.harness.open();
    await line.clock.pass(60_000);
    assert.deepEqual(ids(spy), ['pending', 'missed recovered']);
  });
});
