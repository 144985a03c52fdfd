import assert from 'node:assert/strict';
import { envelope, LINE, listening, message, toLine } from '../support/feed-line';
import { FeedStage } from '../support/feed-stage';

describe('trouble with one event', () => {
  it('a flow that throws keeps nobody else from the event, nor from the next', async () => {
    const [before, thrower, after] = [toLine(), toLine(), toLine()];
    thrower.onItem = () => {
      throw new TypeError('my secret');
    };
    const stage = await listening(before, thrower, after);
    stage.feed.onEvent(LINE, 'message', envelope(message('1'), message('2')));
    stage.feed.onEvent(LINE, 'message', envelope(message('3')));
    for (const { deliveries } of [before, after])
      assert.deepEqual(
        deliveries.map(({ messageId }) => messageId),
        ['1', '2', '3'],
      );
    assert.equal(stage.log.filter((line) => line.includes('TypeError')).length, 3);
    assert.doesNotMatch(stage.log.join(), /secret/);
  });

  for (const [what, data] of [
    ['no JSON', '{"data":['],
    ['null', null],
    ['a number', 17],
    ['no data', { meta: {} }],
    ['data of another form', { data: 'text', meta: {} }],
    ['an empty list', []],
  ] as const) {
    it(`an envelope that cannot be read is told once, to those who wanted it: ${what}`, async () => {
      const [wants, other] = [toLine({ events: ['message'] }), toLine({ events: ['chatTag'] })];
      const stage = await listening(wants, other);
      stage.feed.onEvent(LINE, 'message', data);
      assert.deepEqual([wants.codes, other.codes, stage.codes], [['PAYLOAD_INVALID.unreadable'], [], []]);
      stage.feed.onEvent(LINE, 'message', envelope(message('1')));
      assert.equal(wants.deliveries.length, 1);
    });
  }

  it('what is wrong in an envelope does not cost its good items', async () => {
    const heard = toLine();
    const stage = await listening(heard);
    stage.feed.onEvent(LINE, 'message', { data: [message('1'), 'my secret', null, message('2')], meta: 7 });
    assert.deepEqual(
      heard.deliveries.map(({ messageId }) => messageId),
      ['1', '2'],
    );
    assert.deepEqual(new Set(heard.codes), new Set(['PAYLOAD_INVALID.unreadable']));
    assert.equal(new Set(heard.errors.map(({ message }) => message)).size, heard.errors.length, 'each thing once');
    assert.doesNotMatch(heard.errors.map(({ message }) => message).join(), /secret/);
  });

  for (const event of ['message', 'somethingNew']) {
    it(`an item deeper than any stack is told, and ends nothing: ${event}`, async () => {
      const all = [toLine(), toLine()];
      const stage = await listening(...all);
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const item = `{"id":"1","time":1,"chat":{"id":1},"message":${deep}}`;
      stage.feed.onEvent(LINE, event, `{"data":[{"id":"0"},${item}],"meta":{}}`);
      stage.feed.onEvent(LINE, 'message', envelope(message('2')));
      for (const heard of all) {
        assert.deepEqual(
          heard.deliveries.map(({ messageId }) => messageId),
          ['2'],
        );
        assert.deepEqual(heard.codes, ['PAYLOAD_INVALID.unreadable']);
      }
    });
  }

  it('who leaves while an event is handed out gets no more of it', async () => {
    const [first, second] = [toLine(), toLine()];
    const stage = new FeedStage();
    stage.feed.add(first);
    const stop = stage.feed.add(second);
    await stage.open();
    first.onItem = () => stop();
    stage.feed.onEvent(LINE, 'message', envelope(message('1'), message('2')));
    assert.deepEqual(second.deliveries, []);
  });
});
