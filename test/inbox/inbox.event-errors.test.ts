import assert from 'node:assert/strict';
import { envelope, LINE, listening, message, toLine } from '../support/inbox-line';
import { InboxHarness } from '../support/inbox-harness';

describe('an inbox with one faulty event', () => {
  it('delivers it to the others if a flow throws, and the next one to all', async () => {
    const [before, thrower, after] = [toLine(), toLine(), toLine()];
    thrower.onItem = () => {
      throw new TypeError('my secret');
    };
    const harness = await listening(before, thrower, after);
    harness.inbox.onEvent(LINE, 'message', envelope(message('1'), message('2')));
    harness.inbox.onEvent(LINE, 'message', envelope(message('3')));
    for (const { deliveries } of [before, after])
      assert.deepEqual(
        deliveries.map(({ messageId }) => messageId),
        ['1', '2', '3'],
      );
    assert.equal(harness.log.filter((line) => line.includes('TypeError')).length, 3);
    assert.doesNotMatch(harness.log.join(), /secret/);
  });

  for (const [what, data] of [
    ['no JSON', '{"data":['],
    ['null', null],
    ['a number', 17],
    ['no data', { meta: {} }],
    ['data of another form', { data: 'text', meta: {} }],
    ['an empty list', []],
  ] as const) {
    it(`reports an envelope once that cannot be read, to those that want the event: ${what}`, async () => {
      const [wants, other] = [toLine({ events: ['message'] }), toLine({ events: ['chatTag'] })];
      const harness = await listening(wants, other);
      harness.inbox.onEvent(LINE, 'message', data);
      assert.deepEqual([wants.codes, other.codes, harness.codes], [['PAYLOAD_INVALID.unreadable'], [], []]);
      harness.inbox.onEvent(LINE, 'message', envelope(message('1')));
      assert.equal(wants.deliveries.length, 1);
    });
  }

  it('delivers the good items of an envelope in which others are malformed', async () => {
    const spy = toLine();
    const harness = await listening(spy);
    harness.inbox.onEvent(LINE, 'message', { data: [message('1'), 'my secret', null, message('2')], meta: 7 });
    assert.deepEqual(
      spy.deliveries.map(({ messageId }) => messageId),
      ['1', '2'],
    );
    assert.deepEqual(new Set(spy.codes), new Set(['PAYLOAD_INVALID.unreadable']));
    assert.equal(new Set(spy.errors.map(({ message }) => message)).size, spy.errors.length, 'each thing once');
    assert.doesNotMatch(spy.errors.map(({ message }) => message).join(), /secret/);
  });

  for (const event of ['message', 'somethingNew']) {
    it(`reports an item that is nested too deeply, and delivers the others: ${event}`, async () => {
      const all = [toLine(), toLine()];
      const harness = await listening(...all);
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const item = `{"id":"1","time":1,"chat":{"id":1},"message":${deep}}`;
      harness.inbox.onEvent(LINE, event, `{"data":[{"id":"0"},${item}],"meta":{}}`);
      harness.inbox.onEvent(LINE, 'message', envelope(message('2')));
      for (const spy of all) {
        assert.deepEqual(
          spy.deliveries.map(({ messageId }) => messageId),
          [event === 'message' ? '0' : undefined, '2'],
        );
        assert.deepEqual(spy.codes, ['PAYLOAD_INVALID.unreadable']);
      }
    });
  }

  it('gives nothing more to a listener that leaves while an event is being delivered', async () => {
    const [first, second] = [toLine(), toLine()];
    const harness = new InboxHarness();
    harness.inbox.add(first);
    const stop = harness.inbox.add(second);
    await harness.open();
    first.onItem = () => stop();
    harness.inbox.onEvent(LINE, 'message', envelope(message('1'), message('2')));
    assert.deepEqual(second.deliveries, []);
  });
});
