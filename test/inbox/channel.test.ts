import assert from 'node:assert/strict';
import { ChatAppError } from '../../src/errors';
import { ChannelHarness } from '../support/channel-harness';
import { FakeSocket } from '../support/fake-socket';
import { envelope, LINE, message } from '../support/inbox-line';

const MINUTE = 60_000;
const SET = { kind: 'set' } as const;

describe('a channel', () => {
  it('fetches nothing when it is subscribed for the first time, and stores since when who listens', async () => {
    const harness = new ChannelHarness();
    const subscriber = harness.listen();
    harness.missed('before', harness.now - 10);
    await harness.subscribe();
    assert.deepEqual([harness.stored, harness.looks, harness.delivered], [[subscriber], 0, []]);
    assert.ok(!harness.hasGap);
    harness.listen();
    assert.equal(harness.stored.length, 2, 'one that comes later is stored, too');
  });

  it('opens a gap when the socket closes, and fills it once it is subscribed again', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    harness.channel.close();
    assert.ok(harness.hasGap);
    await harness.clock.pass(10_000);
    harness.missed('1');
    assert.deepEqual(harness.delivered, []);
    await harness.subscribe();
    assert.deepEqual(harness.delivered, ['1']);
  });

  it('closes a gap only after the history was read once more a minute, 5 and 15 minutes later', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    await harness.clock.pass(30 * MINUTE);
    harness.channel.close();
    await harness.subscribe();
    assert.deepEqual([harness.looks, harness.hasGap], [1, true]);
    harness.missed('late');
    await harness.clock.pass(MINUTE);
    assert.deepEqual([harness.looks, harness.hasGap, harness.delivered], [2, true, ['late']]);
    assert.equal(harness.channel.recovered, undefined, 'it does not look as if something were still being fetched');
    harness.receive('live');
    harness.missed('later', harness.now - 5 * 60);
    await harness.clock.pass(4 * MINUTE);
    assert.deepEqual([harness.looks, harness.hasGap, harness.delivered], [3, true, ['late', 'live', 'later']]);
    harness.missed('latest', harness.now - 14 * 60);
    await harness.clock.pass(10 * MINUTE);
    assert.deepEqual([harness.looks, harness.hasGap, harness.delivered.at(-1)], [4, false, 'latest']);
  });

  it('fetches what the history shows late also if the socket closes before that', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    await harness.clock.pass(30 * MINUTE);
    harness.channel.close();
    await harness.subscribe();
    const { now } = harness;
    await harness.clock.pass(2 * MINUTE);
    harness.channel.close();
    await harness.clock.pass(MINUTE);
    harness.missed('late', now - 5 * 60);
    await harness.subscribe();
    assert.deepEqual(harness.delivered, ['late']);
  });

  it('keeps the gap if the socket closes again before the history is read', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    harness.channel.close();
    await harness.subscribe();
    harness.channel.close();
    await harness.clock.pass(2 * MINUTE);
    assert.ok(harness.hasGap);
  });

  it('opens a gap when the server ends the subscription, and fills it once it is subscribed again', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    harness.channel.refuse();
    assert.ok(harness.hasGap);
    harness.missed('1');
    await harness.subscribe();
    assert.deepEqual(harness.delivered, ['1']);
  });

  it('takes it for one failure if the server ends the subscription several times over', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    for (let times = 0; times < 3; times += 1) harness.channel.refuse();
    assert.deepEqual([harness.channel.subscription.kind, harness.errors], ['waiting', []]);
  });

  it('keeps the gap while ChatApp does not answer', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    harness.channel.close();
    harness.isBroken = true;
    await harness.subscribe();
    await harness.clock.pass(10 * MINUTE);
    assert.ok(harness.hasGap);
    harness.isBroken = false;
    await harness.clock.pass(16 * MINUTE);
    assert.ok(!harness.hasGap);
  });

  it('keeps the gap, and begins nothing, until ChatApp’s time is known', async () => {
    const harness = new ChannelHarness();
    const subscriber = harness.listen();
    await harness.subscribe();
    harness.channel.close();
    harness.missed('1');
    harness.mayRecord = false;
    const late = harness.listen();
    await harness.subscribe();
    harness.receive('2');
    await harness.clock.pass(10 * MINUTE);
    assert.deepEqual([harness.hasGap, harness.delivered], [true, ['2', '2']], 'live events do not wait');
    assert.deepEqual(harness.stored, [subscriber]);
    harness.channel.close();
    harness.mayRecord = true;
    await harness.subscribe();
    await harness.clock.pass(16 * MINUTE);
    assert.deepEqual([harness.hasGap, harness.delivered], [false, ['2', '2', '1']]);
    assert.deepEqual(harness.stored, [subscriber, late]);
  });

  it('lets live events wait until older ones are delivered, and shows how many were missing', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    harness.channel.close();
    let answer: () => void = () => undefined;
    harness.gate = new Promise((resolve) => (answer = resolve));
    harness.missed('1');
    await harness.subscribe();
    harness.receive('2');
    assert.deepEqual(harness.delivered, []);
    answer();
    await harness.clock.settle();
    assert.deepEqual(harness.delivered, ['1', '2']);
    assert.deepEqual(harness.shown, [0, 1, undefined]);
  });

  it('does not make live events wait if nobody wants messages any more', async () => {
    const harness = new ChannelHarness();
    const subscriber = harness.listen();
    await harness.subscribe();
    harness.channel.close();
    harness.gate = new Promise(() => undefined);
    await harness.subscribe();
    harness.receive('2');
    assert.equal(harness.channel.recovered, 0);
    subscriber.replace({ ...subscriber.listener, events: ['messageStatus'] }, harness.now);
    harness.channel.inbox.update();
    harness.channel.close();
    await harness.subscribe();
    assert.equal(harness.channel.recovered, undefined);
    assert.equal(harness.channel.inbox.held.chats.size, 0);
  });

  it('reads the history every 5 min while only webhooks bring events, and never closes that gap', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    harness.channel.onCallback(SET);
    await harness.clock.pass(2 * MINUTE);
    const { looks } = harness;
    harness.missed('lost callback');
    await harness.clock.pass(2 * MINUTE);
    assert.deepEqual([harness.looks, harness.delivered], [looks, []]);
    await harness.clock.pass(MINUTE);
    assert.deepEqual([harness.delivered, harness.hasGap], [['lost callback'], true]);
    assert.ok(!harness.channel.inbox.held.hold(['50101/telegram/7'], () => undefined), 'live events do not wait');
    assert.equal(harness.channel.recovered, undefined, 'a regular look is not shown');
    await harness.clock.pass(2 * MINUTE);
    await harness.subscribe();
    await harness.clock.pass(16 * MINUTE);
    assert.ok(!harness.hasGap, 'the socket misses nothing');
    const last = harness.looks;
    await harness.clock.pass(10 * MINUTE);
    assert.equal(harness.looks, last);
  });

  it('accepts what a callback brings, once with the socket, and reports events without a name', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    await harness.subscribe();
    harness.receive('1');
    await harness.channel.receiveCallback(envelope(message('1'), message('2')));
    assert.deepEqual(harness.delivered, ['1', '2']);
    await harness.channel.receiveCallback({ data: [message('3')], meta: {} });
    assert.deepEqual(harness.errors, ['PAYLOAD_INVALID.unreadable']);
  });

  it('reports the error of a webhook once, and to a listener that comes later', () => {
    const harness = new ChannelHarness();
    harness.listen();
    const error = ChatAppError.of('WEBHOOK_FAILED', 'refused', { line: '50101 telegram', status: 403 });
    harness.channel.onCallback({ kind: 'failed', error, nextTry: 0 });
    harness.channel.onCallback({ kind: 'failed', error, nextTry: 0 });
    assert.equal(harness.errors.length, 1);
    harness.listen();
    assert.deepEqual(harness.errors, ['WEBHOOK_FAILED.refused', 'WEBHOOK_FAILED.refused']);
  });

  it('reports once that the channel is refused', async () => {
    const harness = new ChannelHarness({
      authorise: () => Promise.reject(ChatAppError.of('CHANNEL_REFUSED', 'forbidden', { channel: LINE })),
    });
    harness.listen();
    harness.channel.open(new FakeSocket('1.1'));
    await harness.clock.pass(20 * MINUTE);
    assert.deepEqual(harness.errors, ['CHANNEL_REFUSED.forbidden']);
  });

  it('asks a webhook for the wanted events of a messenger, or for all if none of those is wanted', () => {
    const harness = new ChannelHarness();
    assert.ok(harness.channel.webhookEvents.length > 1);
    harness.listen();
    assert.deepEqual(harness.channel.webhookEvents, ['message']);
  });

  it('leaves a gap and no timer when it stops', async () => {
    const harness = new ChannelHarness();
    harness.listen();
    harness.channel.onCallback(SET);
    await harness.subscribe();
    harness.channel.stop();
    // They are those of all channels.
    harness.incidents.clear();
    await harness.gaps.flush();
    await harness.clock.settle();
    assert.deepEqual([harness.hasGap, harness.clock.pending], [true, 0]);
  });
});
