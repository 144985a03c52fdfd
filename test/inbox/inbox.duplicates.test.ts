import assert from 'node:assert/strict';
import { CHANNEL, ids, listener, listening, META } from '../support/recorded-line';

const body = { text: 'a', textLang: null, caption: '', file: null, location: null, template: null, html: '' };

describe('an inbox', () => {
  it('delivers a message once that comes twice, and its edit as well', async () => {
    const spy = listener();
    const line = await listening(spy);
    const item = line.write('1');
    line.announce(item);
    line.announce(item);
    line.announce({ ...item, edited: true });
    assert.equal(spy.deliveries.length, 2);
  });

  it('delivers a message once that comes from the history and live, spelled differently', async () => {
    const spy = listener();
    const line = await listening(spy);
    line.harness.drop();
    const { chat: _, ...bare } = line.write('1', { edited: false, message: { text: 'x', html: '' } });
    await line.harness.open();
    line.announce({ ...bare, chat: { id: '7', name: 'A' }, message: { text: 'x', caption: '', file: { link: 'y' } } });
    assert.deepEqual(ids(spy), ['1 recovered']);
  });

  it('delivers an edit once that came live, and has null for empty fields in the history', async () => {
    for (const empty of [null, undefined, '', [], {}, false, 0]) {
      const spy = listener();
      const line = await listening(spy);
      const item = line.write('1', { message: { ...body, text: 'before' } });
      line.announce(item);
      const edit = { ...item, edited: true, message: body };
      line.announce(edit);
      line.harness.drop();
      await line.clock.pass(5_000);
      line.written.splice(0, 1, { ...edit, message: { text: 'a', caption: empty, file: empty, html: empty } });
      await line.harness.open();
      await line.clock.pass(60_000);
      assert.deepEqual(ids(spy), ['1', '1'], JSON.stringify(empty));
    }
  });

  it('delivers an edit that was missed, and the next one that comes live', async () => {
    const spy = listener();
    const line = await listening(spy);
    const item = line.write('1', { message: body });
    line.announce(item);
    line.harness.drop();
    line.written.splice(0, 1, { ...item, edited: true, message: { ...body, text: 'b' } });
    await line.harness.open();
    await line.clock.pass(60_000);
    line.announce({ ...item, edited: true, message: { ...body, text: 'c' } });
    assert.deepEqual(ids(spy), ['1', '1 recovered', '1']);
  });

  it('delivers an edit back to an earlier text', async () => {
    const spy = listener();
    const line = await listening(spy);
    const item = line.write('1');
    for (const text of ['a', 'b', 'a']) line.announce({ ...item, edited: true, message: { ...body, text } });
    assert.equal(spy.deliveries.length, 3);
  });

  it('knows a message on its line, although one of its envelopes does not name the line', async () => {
    const spy = listener();
    const line = await listening(spy);
    const item = line.write('1');
    line.harness.inbox.onEvent(CHANNEL, 'message', { data: [{ ...item }] });
    line.announce(item);
    assert.equal(spy.deliveries.length, 1);
  });

  it('delivers events that carry neither id nor time as often as they come', async () => {
    const spy = listener();
    const line = await listening(spy);
    for (let turn = 0; turn < 3; turn += 1) {
      line.harness.inbox.onEvent(CHANNEL, 'chatRead', { data: [{ chat: { id: 7 } }], meta: META });
    }
    assert.equal(spy.deliveries.length, 3);
  });

  it('knows what it has delivered for 30 min', async () => {
    const spy = listener();
    const line = await listening(spy);
    const item = line.write('1');
    line.announce(item);
    await line.clock.pass(30 * 60_000 - 1);
    line.announce(item);
    assert.equal(spy.deliveries.length, 1);
    await line.clock.pass(10 * 60_000);
    line.announce(item);
    assert.equal(spy.deliveries.length, 2);
  });
});
