import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ListenerSpy } from '../support/listener-spy';
import { CHANNEL, RecordedLine, caughtUp, ids, listener, listening } from '../support/recorded-line';
import { HOUR } from '../support/retention';

const OTHER = { type: 'messenger', licenseId: '50102', messengerType: 'telegram' } as const;
const attempts = ({ deliveries }: ListenerSpy): string[] =>
  deliveries.map(({ item, attempt = 1 }) => `${String(item.id)} #${attempt}`);

describe('events that wait for a listener', () => {
  it('come after a restart before new ones, as a further attempt', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    line.say('2');
    await line.close();
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    line.say('3');
    await spy.until(({ deliveries }) => deliveries.length === 3);
    assert.deepEqual(attempts(spy), ['1 #2', '2 #2', '3 #1']);
    await caughtUp(spy);
    await line.clock.pass(60_000);
    assert.equal(spy.deliveries.length, 3, 'the history brings none of them again');
  });

  it('are dropped and reported at a start if they were stored longer ago than the hours kept', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    line.say('2');
    await line.close();
    await line.clock.pass(25 * HOUR);
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    line.say('3');
    await line.clock.pass(1_000);
    assert.deepEqual(attempts(spy), ['3 #1']);
    const dropped = spy.errors.find(({ reason }) => reason === 'outdated');
    assert.deepEqual(dropped?.params, { count: 2, hours: 24 });
  });

  it('come again after a restart if nobody has acknowledged them', async () => {
    const before = listener({ ack: 'done' });
    const line = await listening(before);
    line.say('1');
    line.say('2', { chat: { id: 8 } });
    await before.until(({ deliveries }) => deliveries.length === 2);
    assert.ok(line.harness.deliveries.acknowledge(before.deliveries[1]?.deliveryToken ?? '', 'done'));
    await line.harness.inbox.flush();
    const after = listener({ ack: 'done' });
    line.start().inbox.add(after);
    await line.harness.open();
    await after.until(({ deliveries }) => deliveries.length === 1);
    await caughtUp(after);
    await line.clock.pass(60_000);
    assert.deepEqual(attempts(after), ['1 #2']);
  });

  it('do not come again after a clean stop that follows their delivery', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    await line.close();
    const before = listener();
    line.start().inbox.add(before);
    await line.harness.open();
    await before.until(({ deliveries }) => deliveries.length === 1);
    await caughtUp(before);
    await line.harness.inbox.flush();
    const after = listener();
    line.start().inbox.add(after);
    await line.harness.open();
    await caughtUp(after);
    assert.deepEqual(attempts(after), []);
  });

  it('are on disk before the connection is closed, if they are being stored as it begins to close', async () => {
    const line = await listening(listener({ ack: 'done' }));
    let open = (): void => undefined;
    line.records.gate = new Promise((resolve) => (open = resolve));
    line.say('1');
    const closed = line.close();
    setTimeout(open, 20);
    await closed;
    const after = listener({ ack: 'done' });
    line.start().inbox.add(after);
    await line.harness.open();
    await after.until(({ deliveries }) => deliveries.length === 1);
    assert.deepEqual(attempts(after), ['1 #2']);
  });

  it('come to a later listener of the same run, and then what was missed in between', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    stop('now');
    line.say('2');
    await line.clock.pass(5_000);
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.clock.settle();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), ['1', '2 recovered']);
  });

  it('come to a listener that was disabled, but nothing of the time in between', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    stop('disabled');
    line.write('2');
    await line.clock.pass(5_000);
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    await line.clock.pass(60_000);
    line.say('3');
    await line.clock.settle();
    assert.deepEqual(ids(spy), ['1', '3']);
  });

  it('wait for a later listener of the same run if the one before has not acknowledged them', async () => {
    const first = listener({ ack: 'done' });
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(first);
    await line.harness.open();
    line.say('1');
    line.say('2');
    await first.until(({ deliveries }) => deliveries.length === 1);
    stop();
    assert.deepEqual([line.harness.socket.unsubscribed, line.harness.emptied], [[CHANNEL], 1]);
    line.write('3');
    await line.clock.pass(5_000);
    const second = listener({ ack: 'done' });
    line.harness.inbox.add(second);
    assert.ok(
      line.harness.deliveries.acknowledge(first.deliveries[0]?.deliveryToken ?? '', 'done'),
      'a late one counts',
    );
    await second.until(({ deliveries }) => deliveries.length === 1);
    assert.deepEqual(ids(second), ['2']);
    line.harness.deliveries.acknowledge(second.deliveries[0]?.deliveryToken ?? '', 'done');
    await second.until(({ deliveries }) => deliveries.length === 2);
    assert.deepEqual(ids(second), ['2', '3 recovered']);
  });

  it('are on disk if their listener left in this run and the process ends', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    stop('now');
    await line.close();
    const spy = listener();
    line.start().inbox.add(spy);
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(attempts(spy), ['1 #2']);
  });

  it('leave nothing on disk if their listener has no id: nobody could come back for them', async () => {
    const line = new RecordedLine();
    const spy = listener({ id: undefined, ack: 'done' });
    const stop = line.harness.inbox.add(spy);
    await line.harness.open();
    line.say('1');
    await spy.until(({ deliveries }) => deliveries.length === 1);
    stop();
    await line.close();
    for await (const { record } of line.records.entries('inbox')) assert.ok(!('order' in record));
  });

  it('are dropped in the second run in which their listener is in no flow, and their number is reported', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    line.say('2');
    for (const expected of [[], ['RECOVERY_FAILED.removed'], []]) {
      await line.close();
      line.start();
      await line.harness.inbox.forgetMissing(() => false);
      assert.deepEqual(line.harness.codes, expected);
    }
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await line.clock.pass(60_000);
    assert.deepEqual(ids(spy), []);
  });

  it('are kept for a listener that is disabled in many runs', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    for (let run = 0; run < 3; run += 1) {
      await line.close();
      line.start();
      await line.harness.inbox.forgetMissing((id) => id === 'node-1');
    }
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.harness.open();
    await spy.until(({ deliveries }) => deliveries.length === 1);
    assert.deepEqual(ids(spy), ['1']);
  });

  it('are fetched later if all listeners left while they were held', async () => {
    const first = listener();
    const line = await listening(first);
    line.harness.drop();
    line.failure = ApiError.unreachable('api.example', undefined);
    await line.harness.open();
    line.say('held');
    const stop = line.harness.inbox.add(first);
    stop();
    line.failure = undefined;
    const second = listener();
    line.harness.inbox.add(second);
    await line.clock.settle();
    await caughtUp(second);
    assert.deepEqual([ids(first), ids(second)], [[], ['held recovered']]);
  });
});

describe('a listener that returns with another channel', () => {
  it('begins again, and the connection stays', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    const elsewhere = new ListenerSpy(OTHER, { id: 'node-1' });
    line.harness.inbox.add(elsewhere);
    await line.clock.settle();
    const { socket, emptied } = line.harness;
    assert.deepEqual([elsewhere.status?.kind, emptied], ['listening', 0]);
    assert.deepEqual(socket.channels, ['private-v1.licenses.50102.messengers.telegram']);
    line.write('2');
    await line.clock.pass(5_000);
    const back = listener();
    line.harness.inbox.add(back);
    await line.clock.settle();
    await caughtUp(back);
    assert.deepEqual([ids(elsewhere), ids(back)], [[], []]);
  });

  it('gets nothing after a restart that was pending for the channel before, and reports how much that was', async () => {
    const line = new RecordedLine();
    const stop = line.harness.inbox.add(listener());
    await line.harness.open();
    stop('restarting');
    line.say('1');
    line.say('2');
    await line.close();
    const elsewhere = new ListenerSpy(OTHER, { id: 'node-1' });
    line.start().inbox.add(elsewhere);
    await line.harness.open();
    await line.clock.pass(1_000);
    await elsewhere.until(({ errors }) => errors.length > 0);
    assert.deepEqual([ids(elsewhere), elsewhere.codes], [[], ['RECOVERY_FAILED.unwanted']]);
    assert.equal(elsewhere.errors[0]?.params.count, 2);
  });

  it('begins again although an earlier run knows it', async () => {
    const line = await listening(listener());
    await line.close();
    const stop = line.start().inbox.add(listener());
    await line.harness.open();
    stop('removed');
    line.write('while removed');
    await line.clock.pass(5_000);
    const spy = listener();
    line.harness.inbox.add(spy);
    await line.clock.settle();
    line.harness.drop();
    await line.harness.open();
    await caughtUp(spy);
    assert.deepEqual(ids(spy), []);
  });

  it('replaces nothing of an earlier run before that is read', async () => {
    const line = await listening(listener());
    await line.close();
    const { inbox } = line.start();
    const before = line.records.written.length;
    inbox.add(listener())('restarting');
    inbox.add(listener());
    assert.equal(line.records.written.length, before);
    await inbox.ready();
  });
});

describe('an inbox that is closed', () => {
  it('leaves no timer', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.harness.drop();
    line.write('missed');
    await line.harness.open();
    await caughtUp(spy);
    line.say('1');
    line.harness.inbox.add(listener({ id: 'node-2', ack: 'done' }))();
    line.harness.inbox.onSocket({ kind: 'idle' });
    await line.close();
    await line.clock.settle();
    assert.equal(line.clock.pending, 0);
  });
});
