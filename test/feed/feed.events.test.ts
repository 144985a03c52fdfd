import assert from 'node:assert/strict';
import type { Delivery } from '../../src/feed/delivery';
import { envelope, LINE, listening, message, toLine } from '../support/feed-line';
import { Heard } from '../support/heard';

/** Writes into whatever the flow of a listener might write into. */
function spoil({ item, meta }: Delivery): void {
  for (const part of [item, meta, item.chat, item.message]) {
    if (typeof part === 'object' && part !== null) Reflect.set(part, 'spoiled', true);
  }
}

describe('what a listener gets', () => {
  it('is the item untouched, with its ids as strings', async () => {
    const heard = toLine();
    const stage = await listening(heard);
    const item = message('17', { message: { text: 'Привет' }, fromApp: null });
    stage.feed.onEvent(LINE, 'message', JSON.stringify({ queue: 'q', payload: envelope(item) }));
    assert.deepEqual(heard.deliveries, [
      {
        event: 'message',
        channel: LINE,
        item,
        meta: { type: 'message', licenseId: 50101, messengerType: 'telegram' },
        licenseId: '50101',
        messengerType: 'telegram',
        chatId: '7',
        messageId: '17',
        receivedAt: stage.clock.now(),
        recovered: false,
      },
    ]);
  });

  it('is its own: what one changes, no other sees', async () => {
    const all = [toLine(), toLine(), toLine()];
    for (const heard of all) {
      heard.onItem = (delivery: Delivery): void => {
        heard.deliveries.push(structuredClone(delivery));
        spoil(delivery);
      };
    }
    const stage = await listening(...all);
    const items = ['1', '2'].map((id) => message(id, { message: { text: 'a', file: { link: 'x' } } }));
    stage.feed.onEvent(LINE, 'message', envelope(...items));
    for (const heard of all) {
      assert.deepEqual(heard.items, items);
      for (const { meta } of heard.deliveries) assert.deepEqual(meta, envelope().meta);
    }
  });

  it('is its own as well where two items share one meta', async () => {
    const heard = toLine();
    const stage = await listening(heard);
    stage.feed.onEvent(LINE, 'message', envelope(message('1'), message('2')));
    const [one, other] = heard.deliveries;
    assert.ok(one && other);
    spoil(one);
    assert.deepEqual(other.meta, envelope().meta);
  });

  it('may be changed, also where the envelope has no meta', async () => {
    const all = [toLine(), toLine()];
    const stage = await listening(...all);
    stage.feed.onEvent(LINE, 'chatRead', { data: [{ chat: { id: 1 } }] });
    for (const { deliveries } of all)
      for (const { meta } of deliveries) assert.equal(Reflect.set(meta, 'mine', 1), true);
    stage.feed.onEvent(LINE, 'chatRead', { data: [{ chat: { id: 2 } }] });
    for (const { deliveries } of all) assert.deepEqual(deliveries.at(-1)?.meta, {});
  });

  it('is told apart as a part only where an envelope brings it several items', async () => {
    const [all, incoming, one] = [toLine(), toLine({ direction: 'in' }), toLine({ ignoreApp: 'app_1' })];
    const stage = await listening(all, incoming, one);
    const own = { fromApp: { id: 'app_1' } };
    stage.feed.onEvent(
      LINE,
      'message',
      envelope(message('1', own), message('2', { side: 'out', ...own }), message('3')),
    );
    assert.deepEqual(
      all.deliveries.map(({ part }) => [part?.index, part?.count]),
      [
        [0, 3],
        [1, 3],
        [2, 3],
      ],
    );
    assert.deepEqual(
      incoming.deliveries.map(({ part }) => [part?.index, part?.count]),
      [
        [0, 2],
        [1, 2],
      ],
    );
    assert.deepEqual(
      one.deliveries.map(({ part }) => part),
      [undefined],
    );
    const ids = new Set(all.deliveries.map(({ part }) => part?.id));
    assert.equal(ids.size, 1);
    stage.feed.onEvent(LINE, 'message', envelope(message('4'), message('5')));
    assert.ok(!ids.has(all.deliveries.at(-1)?.part?.id), 'another envelope, another id');
    stage.feed.onEvent(LINE, 'message', envelope(message('6')));
    assert.equal(all.deliveries.at(-1)?.part, undefined);
  });
});

describe('what a listener wants', () => {
  const idsOf = ({ deliveries }: Heard): unknown[] => deliveries.map(({ item }) => item.id);

  it('are the events that it names, or every one, also those that nobody knows', async () => {
    const [some, every] = [toLine({ events: ['chatTag', 'message'] }), toLine()];
    const stage = await listening(some, every);
    for (const event of ['message', 'chatTag', 'chatRead', 'somethingNew']) {
      stage.feed.onEvent(LINE, event, envelope({ id: event }));
    }
    assert.deepEqual(idsOf(some), ['message', 'chatTag']);
    assert.deepEqual(idsOf(every), ['message', 'chatTag', 'chatRead', 'somethingNew']);
  });

  it('is one direction, or both; items that name no side pass', async () => {
    const listeners = { any: toLine(), in: toLine({ direction: 'in' }), out: toLine({ direction: 'out' }) };
    const stage = await listening(...Object.values(listeners));
    const sides = ['in', 'out', undefined, null, ''];
    stage.feed.onEvent(LINE, 'message', envelope(...sides.map((side) => message(String(side), { side }))));
    assert.deepEqual(idsOf(listeners.any), ['in', 'out', 'undefined', 'null', '']);
    assert.deepEqual(idsOf(listeners.in), ['in', 'undefined', 'null', '']);
    assert.deepEqual(idsOf(listeners.out), ['out', 'undefined', 'null', '']);
  });

  it('may leave out what its own app has sent, and nothing else', async () => {
    const heard = toLine({ ignoreApp: 'app_7001_1' });
    const stage = await listening(heard);
    const apps = [{ id: 'app_7001_1' }, { id: 'app_7001_2' }, { id: 'bitrix' }, null, undefined, {}, 'app_7001_1'];
    stage.feed.onEvent(LINE, 'message', envelope(...apps.map((fromApp, index) => message(`${index}`, { fromApp }))));
    assert.deepEqual(idsOf(heard), ['1', '2', '3', '4', '5', '6']);
  });

  it('is what counts: an event that nobody wants is not even parsed', async () => {
    const heard = toLine({ events: ['message'] });
    const stage = await listening(heard);
    const trap = Object.defineProperty({}, 'data', { enumerable: true, get: () => assert.fail('it was read') });
    stage.feed.onEvent(LINE, 'chatRead', trap);
    stage.feed.onEvent(LINE, 'chatRead', 'no JSON');
    stage.feed.onEvent('private-v1.users.1', 'message', trap);
    assert.deepEqual([heard.codes, heard.deliveries], [[], []]);
  });

  it('is asked anew when somebody comes or goes', async () => {
    const heard = toLine({ events: ['message'] });
    const stage = await listening(heard);
    stage.feed.onEvent(LINE, 'chatRead', envelope({ id: 'early' }));
    const late = toLine();
    const stop = stage.feed.add(late);
    stage.feed.onEvent(LINE, 'chatRead', envelope({ id: 'in time' }));
    stop();
    stage.feed.onEvent(LINE, 'chatRead', envelope({ id: 'too late' }));
    assert.deepEqual([idsOf(heard), idsOf(late)], [[], ['in time']]);
  });

  it('does not fill the memory, however many names a server makes up', async () => {
    const heard = toLine({ events: ['message'] });
    const stage = await listening(heard);
    for (let count = 0; count < 2_000; count += 1) stage.feed.onEvent(LINE, `made-up-${count}`, 'no JSON');
    stage.feed.onEvent(LINE, 'message', envelope(message('1')));
    assert.deepEqual(idsOf(heard), ['1']);
  });
});
