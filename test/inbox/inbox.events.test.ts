import assert from 'node:assert/strict';
import type { Delivery } from '../../src/inbox/delivery';
import { envelope, LINE, listening, message, toLine } from '../support/inbox-line';
import { ListenerSpy } from '../support/listener-spy';

/** Writes into whatever the flow of a listener might write into. */
function spoil({ item, meta }: Delivery): void {
  for (const part of [item, meta, item.chat, item.message]) {
    if (typeof part === 'object' && part !== null) Reflect.set(part, 'spoiled', true);
  }
}

describe('what a listener gets', () => {
  it('is the item untouched, with its ids as strings', async () => {
    const spy = toLine();
    const harness = await listening(spy);
    const item = message('17', { message: { text: 'Привет' }, fromApp: null });
    harness.inbox.onEvent(LINE, 'message', JSON.stringify({ queue: 'q', payload: envelope(item) }));
    assert.deepEqual(spy.deliveries, [
      {
        event: 'message',
        channel: LINE,
        item,
        meta: { type: 'message', licenseId: 50101, messengerType: 'telegram' },
        licenseId: '50101',
        messengerType: 'telegram',
        chatId: '7',
        messageId: '17',
        receivedAt: harness.clock.now(),
        recovered: false,
      },
    ]);
  });

  it('is its own: what one changes, no other sees', async () => {
    const all = [toLine(), toLine(), toLine()];
    for (const spy of all) {
      spy.onItem = (delivery: Delivery): void => {
        spy.deliveries.push(structuredClone(delivery));
        spoil(delivery);
      };
    }
    const harness = await listening(...all);
    const items = ['1', '2'].map((id) => message(id, { message: { text: 'a', file: { link: 'x' } } }));
    harness.inbox.onEvent(LINE, 'message', envelope(...items));
    for (const spy of all) {
      assert.deepEqual(spy.items, items);
      for (const { meta } of spy.deliveries) assert.deepEqual(meta, envelope().meta);
    }
  });

  it('is its own as well if two items share one meta', async () => {
    const spy = toLine();
    const harness = await listening(spy);
    harness.inbox.onEvent(LINE, 'message', envelope(message('1'), message('2')));
    const [one, other] = spy.deliveries;
    assert.ok(one && other);
    spoil(one);
    assert.deepEqual(other.meta, envelope().meta);
  });

  it('may be changed, also if the envelope has no meta', async () => {
    const all = [toLine(), toLine()];
    const harness = await listening(...all);
    harness.inbox.onEvent(LINE, 'chatRead', { data: [{ chat: { id: 1 } }] });
    for (const { deliveries } of all)
      for (const { meta } of deliveries) assert.equal(Reflect.set(meta, 'mine', 1), true);
    harness.inbox.onEvent(LINE, 'chatRead', { data: [{ chat: { id: 2 } }] });
    for (const { deliveries } of all) assert.deepEqual(deliveries.at(-1)?.meta, {});
  });

  it('is marked as a part only if an envelope brings it several items', async () => {
    const [all, incoming, one] = [toLine(), toLine({ direction: 'in' }), toLine({ ignoreApp: 'app_1' })];
    const harness = await listening(all, incoming, one);
    const own = { fromApp: { id: 'app_1' } };
    harness.inbox.onEvent(
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
    harness.inbox.onEvent(LINE, 'message', envelope(message('4'), message('5')));
    assert.ok(!ids.has(all.deliveries.at(-1)?.part?.id), 'another envelope, another id');
    harness.inbox.onEvent(LINE, 'message', envelope(message('6')));
    assert.equal(all.deliveries.at(-1)?.part, undefined);
  });
});

describe('what a listener wants', () => {
  const idsOf = ({ deliveries }: ListenerSpy): unknown[] => deliveries.map(({ item }) => item.id);

  it('are the events that it names, or every one, also those that nobody knows', async () => {
    const [some, every] = [toLine({ events: ['chatTag', 'message'] }), toLine()];
    const harness = await listening(some, every);
    for (const event of ['message', 'chatTag', 'chatRead', 'somethingNew']) {
      harness.inbox.onEvent(LINE, event, envelope({ id: event }));
    }
    assert.deepEqual(idsOf(some), ['message', 'chatTag']);
    assert.deepEqual(idsOf(every), ['message', 'chatTag', 'chatRead', 'somethingNew']);
  });

  it('is one direction, or both; items that name no side pass', async () => {
    const listeners = { any: toLine(), in: toLine({ direction: 'in' }), out: toLine({ direction: 'out' }) };
    const harness = await listening(...Object.values(listeners));
    const sides = ['in', 'out', undefined, null, ''];
    harness.inbox.onEvent(LINE, 'message', envelope(...sides.map((side) => message(String(side), { side }))));
    assert.deepEqual(idsOf(listeners.any), ['in', 'out', 'undefined', 'null', '']);
    assert.deepEqual(idsOf(listeners.in), ['in', 'undefined', 'null', '']);
    assert.deepEqual(idsOf(listeners.out), ['out', 'undefined', 'null', '']);
  });

  it('leaves out messageStatus for incoming only, since it is about outgoing messages, and has it for outgoing only', async () => {
    const listeners = {
      in: toLine({ direction: 'in' }),
      out: toLine({ direction: 'out' }),
      inBefore: toLine({ direction: 'in', keepStatuses: true }),
    };
    const harness = await listening(...Object.values(listeners));
    harness.inbox.onEvent(LINE, 'message', envelope(message('in', { side: 'in' }), message('out', { side: 'out' })));
    harness.inbox.onEvent(LINE, 'messageStatus', envelope({ id: 'status', type: 'sent', chat: { id: 1 } }));
    for (const event of ['chatTag', 'messageDestroy', 'somethingNew'])
      harness.inbox.onEvent(LINE, event, envelope({ id: event }));
    const neither = ['chatTag', 'messageDestroy', 'somethingNew'];
    assert.deepEqual(idsOf(listeners.in), ['in', ...neither]);
    assert.deepEqual(idsOf(listeners.out), ['out', 'status', ...neither]);
    assert.deepEqual(idsOf(listeners.inBefore), ['in', 'status', ...neither]);
  });

  it('lets the statuses of own messages through while it leaves out the messages', async () => {
    const listeners = {
      ignoring: toLine({ ignoreApp: 'app_7001_1' }),
      out: toLine({ ignoreApp: 'app_7001_1', direction: 'out' }),
    };
    const harness = await listening(...Object.values(listeners));
    const own = { fromApp: { id: 'app_7001_1' }, chat: { id: 1 } };
    harness.inbox.onEvent(LINE, 'message', envelope(message('own', { side: 'out', ...own })));
    harness.inbox.onEvent(LINE, 'messageStatus', envelope({ id: 'own', type: 'sent', time: 1, ...own }));
    for (const spy of Object.values(listeners)) {
      assert.deepEqual(
        spy.deliveries.map(({ event }) => event),
        ['messageStatus'],
      );
    }
  });

  it('may leave out what its own app has sent, and nothing else', async () => {
    const spy = toLine({ ignoreApp: 'app_7001_1' });
    const harness = await listening(spy);
    const apps = [{ id: 'app_7001_1' }, { id: 'app_7001_2' }, { id: 'bitrix' }, null, undefined, {}, 'app_7001_1'];
    harness.inbox.onEvent(LINE, 'message', envelope(...apps.map((fromApp, index) => message(`${index}`, { fromApp }))));
    assert.deepEqual(idsOf(spy), ['1', '2', '3', '4', '5', '6']);
  });

  it('is what counts: the socket does not parse what nobody wants', async () => {
    const spy = toLine({ events: ['message'] });
    const harness = await listening(spy);
    assert.equal(harness.inbox.isWanted(LINE, 'message'), true);
    assert.equal(harness.inbox.isWanted(LINE, 'chatRead'), false);
    assert.equal(harness.inbox.isWanted('private-v1.users.1', 'message'), false);
    harness.inbox.onEvent(LINE, 'chatRead', 'no JSON');
    assert.deepEqual([spy.codes, spy.deliveries], [[], []]);
  });

  it('is found out again when a listener comes or goes', async () => {
    const spy = toLine({ events: ['message'] });
    const harness = await listening(spy);
    harness.inbox.onEvent(LINE, 'chatRead', envelope({ id: 'early' }));
    const late = toLine();
    const stop = harness.inbox.add(late);
    harness.inbox.onEvent(LINE, 'chatRead', envelope({ id: 'in time' }));
    stop();
    harness.inbox.onEvent(LINE, 'chatRead', envelope({ id: 'too late' }));
    assert.deepEqual([idsOf(spy), idsOf(late)], [[], ['in time']]);
  });

  it('does not fill the memory, however many names a server makes up', async () => {
    const spy = toLine({ events: ['message'] });
    const harness = await listening(spy);
    for (let count = 0; count < 2_000; count += 1) harness.inbox.onEvent(LINE, `made-up-${count}`, 'no JSON');
    harness.inbox.onEvent(LINE, 'message', envelope(message('1')));
    assert.deepEqual(idsOf(spy), ['1']);
  });
});
