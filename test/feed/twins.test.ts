import assert from 'node:assert/strict';
import { CHANNEL, ids, listener, listening, META } from '../support/history-line';

describe('twins', () => {
  it('are dropped on a channel, an edit is none', async () => {
    const heard = listener();
    const line = await listening(heard);
    const item = line.write('1');
    line.announce(item);
    line.announce(item);
    line.announce({ ...item, edited: true });
    assert.equal(heard.deliveries.length, 2);
  });

  it('that come from the history and live are one', async () => {
    const heard = listener();
    const line = await listening(heard);
    line.stage.drop();
    const { chat: _, ...bare } = line.write('1', { edited: false, message: { text: 'x', html: '' } });
    await line.stage.open();
    line.announce({ ...bare, chat: { id: '7', name: 'A' }, message: { text: 'x', caption: '' } });
    assert.deepEqual(ids(heard), ['1 recovered']);
  });

  it('of events that carry neither id nor time are none: they may rightly repeat', async () => {
    const heard = listener();
    const line = await listening(heard);
    for (let turn = 0; turn < 3; turn += 1) {
      line.stage.feed.onEvent(CHANNEL, 'chatRead', { data: [{ chat: { id: 7 } }], meta: META });
    }
    assert.equal(heard.deliveries.length, 3);
  });

  it('are forgotten after ten minutes', async () => {
    const heard = listener();
    const line = await listening(heard);
    const item = line.write('1');
    line.announce(item);
    await line.clock.pass(10 * 60_000 + 1);
    line.announce(item);
    assert.equal(heard.deliveries.length, 2);
  });
});
