import assert from 'node:assert/strict';
import { createConnection } from '../../src/connection';
import { CallbackHarness, CHANNEL, LINE } from '../support/callback-harness';
import { ListenerSpy } from '../support/listener-spy';

/** An event that carries neither id nor time. */
const READ = {
  meta: { type: 'chatRead', licenseId: 50718, messengerType: 'telegram' },
} as const;

/** What was written, in the order of delivery; events without words by their names. */
const receivedBy = ({ deliveries }: ListenerSpy): string[] =>
  deliveries.map(({ event, item: { message } }) => {
    return event === 'message' ? String(Reflect.get(Object(message), 'text')) : event;
  });

describe('a connection with both sources', () => {
  let callbacks: CallbackHarness;
  let spy: ListenerSpy;
  const start = async (...[settings, options]: Parameters<typeof CallbackHarness.start>): Promise<void> => {
    callbacks = await CallbackHarness.start({ recoverHours: 24, ...settings }, options);
    spy = new ListenerSpy({ type: 'messenger', ...LINE }, { id: 'node-1' });
    await callbacks.harness.listen(spy);
    await callbacks.untilState('set');
  };
  const say = (text: string): void => void callbacks.simulator.message({ ...LINE, text });
  const announceRead = (chat = 7): void => {
    callbacks.simulator.announce(CHANNEL, 'chatRead', { ...READ, data: [{ chat: { id: chat } }] });
  };
  const untilReceived = (count: number): Promise<void> => spy.until(({ deliveries }) => deliveries.length >= count);
  afterEach(() => callbacks.close());

  it('delivers each event once, be it with an id or without, whichever source is faster', async () => {
    await start({ receive: 'both' });
    for (const delayMs of [0, 30]) {
      callbacks.simulator.faults.callbacksAs({ delayMs });
      for (let number = 0; number < 10; number += 1) {
        say(`${delayMs} ${number}`);
        announceRead();
      }
      await callbacks.untilQuiet();
    }
    assert.equal(receivedBy(spy).filter((name) => name === 'chatRead').length, 20);
    assert.equal(new Set(receivedBy(spy)).size, 21);
    assert.equal(spy.deliveries.length, 40);
    assert.equal(callbacks.simulator.callbacks.deliveries.filter(({ status }) => status === 200).length, 41);
  });

  it('goes on by webhook while the socket is down, says so, and doubles nothing afterwards', async () => {
    await start({ receive: 'both' });
    say('before');
    await callbacks.untilQuiet();
    callbacks.simulator.faults.receiveWith({ status: 503 });
    callbacks.simulator.dropAll();
    await spy.until(({ status }) => status?.kind === 'webhookOnly');
    say('without a socket');
    announceRead();
    await untilReceived(3);
    callbacks.simulator.faults.receiveWith(undefined);
    await spy.until(({ status }) => status?.kind === 'listening');
    say('after');
    announceRead();
    await untilReceived(5);
    await callbacks.untilQuiet();
    // The live message waits for the history, which the other event does not have.
    const [before, without, read, ...rest] = receivedBy(spy);
    assert.deepEqual([before, without, read], ['before', 'without a socket', 'chatRead']);
    assert.deepEqual(rest.toSorted(), ['after', 'chatRead']);
  });

  it('goes on by the socket while no callback gets through', async () => {
    await start({ receive: 'both' });
    callbacks.simulator.faults.callbacksAs({ down: true });
    say('one');
    announceRead();
    announceRead();
    await untilReceived(3);
    callbacks.simulator.faults.callbacksAs(undefined);
    announceRead();
    await callbacks.untilQuiet();
    assert.deepEqual(receivedBy(spy), ['one', 'chatRead', 'chatRead', 'chatRead']);
  });

  it('delivers once what is called again since our answer did not arrive', async () => {
    await start({ receive: 'both' });
    callbacks.simulator.faults.receiveWith({ status: 503 });
    callbacks.simulator.dropAll();
    await spy.until(({ status }) => status?.kind === 'webhookOnly');
    callbacks.simulator.faults.callbacksAs({ hangUps: 1 });
    for (let number = 0; number < 10; number += 1) {
      say(`${number}`);
      announceRead();
    }
    await callbacks.untilQuiet();
    assert.equal(receivedBy(spy).filter((name) => name === 'chatRead').length, 10);
    assert.equal(spy.deliveries.length, 20);
  });

  it('loses and doubles nothing while first one source fails and then the other', async () => {
    await start({ receive: 'both' });
    let said = 0;
    let isSilent = false;
    const customers = setInterval(() => {
      // A busy machine calls more slowly than every 10 ms: what waits must not grow without end.
      if (isSilent || callbacks.simulator.callbacks.waiting > 10) return;
      say(`number ${said}`);
      announceRead(said);
      said += 1;
    }, 10);
    const more = async (count: number): Promise<void> => {
      const end = said + count;
      await callbacks.simulator.until(() => said >= end);
    };
    const { faults } = callbacks.simulator;
    try {
      for (let round = 0; round < 3; round += 1) {
        await more(10);
        faults.receiveWith({ status: 503 });
        callbacks.simulator.dropAll(round === 0 ? 1001 : undefined);
        await spy.until(({ status }) => status?.kind === 'webhookOnly');
        faults.callbacksAs(round === 1 ? { hangUps: 1 } : { delayMs: 5 });
        await more(10);
        faults.receiveWith(undefined);
        await spy.until(({ status }) => status?.kind === 'listening');
        // What only waits for the webhook would be lost with it: nobody could fetch it.
        isSilent = true;
        await callbacks.untilQuiet();
        faults.callbacksAs({ down: true });
        isSilent = false;
        await more(10);
        faults.callbacksAs(round === 2 ? { form: 'array' } : undefined);
      }
    } finally {
      clearInterval(customers);
    }
    await spy.until(({ deliveries }) => deliveries.length >= 2 * said);
    await callbacks.untilQuiet();
    const numbers = receivedBy(spy).filter((name) => name !== 'chatRead');
    assert.deepEqual([...numbers].sort(), Array.from({ length: said }, (_, number) => `number ${number}`).sort());
    assert.equal(spy.deliveries.length - numbers.length, said, 'the events without id and time');
  });
});

describe('a connection by webhook only', () => {
  let callbacks: CallbackHarness;
  afterEach(() => callbacks.close());

  it('opens no socket, and fetches what was said while nobody could call', async () => {
    callbacks = await CallbackHarness.start({ receive: 'webhook', recoverHours: 24 });
    const spy = new ListenerSpy({ type: 'messenger', ...LINE }, { id: 'node-1' });
    await callbacks.harness.listen(spy);
    callbacks.simulator.message({ ...LINE, text: 'spy' });
    await spy.until(({ deliveries }) => deliveries.length === 1);
    // What was written in the first second counts as received until the history shows otherwise.
    await callbacks.simulator.until(({ requests }) =>
      requests.some(({ path, status }) => path.endsWith('/chats') && status > 0),
    );
    await callbacks.untilQuiet();
    callbacks.simulator.callbacks.remove(50718, 'telegram');
    callbacks.simulator.message({ ...LINE, text: 'missed' });
    // Somebody asks for it, as in the dialog: it is looked at, and set again.
    await callbacks.harness.connection.webhook?.replace(LINE);
    await spy.until(({ deliveries }) => deliveries.length === 2);
    assert.deepEqual(receivedBy(spy), ['spy', 'missed']);
    assert.deepEqual(
      spy.deliveries.map(({ recovered }) => recovered),
      [false, true],
    );
    assert.equal(callbacks.simulator.connections, 0);
  });

  it('receives messages although ChatApp offers no other events, and reports once which are missing', async () => {
    const offered = ['message', 'messageStatus'];
    callbacks = await CallbackHarness.start({ receive: 'webhook' }, { callbacks: { events: offered } });
    const spy = new ListenerSpy({ type: 'messenger', ...LINE }, { events: ['message', 'chatTag', 'chatRead'] });
    await callbacks.harness.listen(spy);
    assert.deepEqual(callbacks.ours?.events, ['message']);
    callbacks.simulator.message({ ...LINE, text: 'hello' });
    await spy.until(({ deliveries }) => deliveries.length === 1);
    assert.deepEqual([spy.codes, callbacks.harness.codes], [['WEBHOOK_FAILED.events'], []]);
    assert.equal(spy.errors[0]?.params.events, 'chatTag, chatRead');
  });

  it('takes channels without webhooks for a mistake, reported once however many there are', async () => {
    callbacks = await CallbackHarness.start({ receive: 'webhook' });
    const all = [
      new ListenerSpy({ type: 'company', companyId: '3306' }),
      new ListenerSpy({ type: 'user', userId: '9041' }),
    ];
    for (const spy of all) callbacks.harness.connection.listen(spy);
    assert.deepEqual(
      all.map(({ kinds }) => kinds),
      [['configInvalid'], ['configInvalid']],
    );
    assert.deepEqual(all[0]?.errors, all[1]?.errors);
    assert.equal(all[0]?.errors[0], all[1]?.errors[0], 'the same error: it is reported once a tab');
  });

  it('removes its addresses only when it is closed permanently', async () => {
    callbacks = await CallbackHarness.start({ receive: 'webhook' });
    await callbacks.harness.listen(new ListenerSpy({ type: 'messenger', ...LINE }));
    await callbacks.harness.connection.close();
    assert.ok(callbacks.ours);
    await callbacks.close();
    callbacks = await CallbackHarness.start({ receive: 'webhook' });
    await callbacks.harness.listen(new ListenerSpy({ type: 'messenger', ...LINE }));
    await callbacks.harness.connection.close('removed');
    assert.equal(callbacks.ours, undefined);
  });

  it('is not made without the address at which it is called', async () => {
    const credentials = { kind: 'token', accessToken: 'x' } as const;
    const options = { credentials, onError: () => undefined, receive: 'both' } as const;
    assert.throws(() => createConnection({ ...options, callbackUrl: 'nowhere' }), TypeError);
    assert.throws(() => createConnection(options), TypeError);
    callbacks = await CallbackHarness.start({ receive: 'socket' });
    assert.equal(callbacks.harness.connection.webhook, undefined);
  });
});
