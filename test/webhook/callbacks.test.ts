import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ChatAppError } from '../../src/errors';
import { address, BASE, WebhookStub, SECRET, TELEGRAM, WHATSAPP } from '../support/webhook-stub';

const refused = (status: number, retryAfter: string | null = null): ApiError =>
  ApiError.refused('/v1/licenses/50101/messengers/telegram/callbackUrl', { status, retryAfter });
const LOOK = 10 * 60_000;

describe('the callbacks of a connection', () => {
  let stub: WebhookStub;
  beforeEach(() => {
    stub = new WebhookStub();
  });
  const set = async (): Promise<void> => {
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    assert.equal(stub.states.at(-1), 'telegram set');
  };

  it('are set once for all that a deploy brings, each with its events', async () => {
    for (let listener = 0; listener < 50; listener += 1) {
      stub.callbacks.want(TELEGRAM, ['message', ...(listener > 20 ? ['chatRead'] : [])]);
      stub.callbacks.want(WHATSAPP, ['message']);
    }
    assert.deepEqual(await stub.pass(499), []);
    assert.deepEqual(await stub.pass(1), ['GET', 'PUT telegram', 'PUT grWhatsApp']);
    assert.equal(stub.urlOf(TELEGRAM), address(TELEGRAM));
    assert.deepEqual(stub.urls.get('50101 telegram')?.events, ['message', 'chatRead']);
    assert.deepEqual(stub.states, ['telegram set', 'grWhatsApp set']);
  });

  it('are left alone where they stand as they should, in whatever order the events are', async () => {
    stub.plant(TELEGRAM, address(TELEGRAM), ['chatRead', 'message']);
    stub.callbacks.want(TELEGRAM, ['message', 'chatRead']);
    assert.deepEqual(await stub.pass(500), ['GET']);
    assert.deepEqual(stub.states, ['telegram set']);
  });

  it('follow a change of events without a time in which nothing is set', async () => {
    await set();
    stub.callbacks.want(TELEGRAM, ['message', 'chatTag']);
    assert.deepEqual(await stub.pass(500), ['GET', 'PUT telegram']);
    stub.callbacks.want(TELEGRAM, ['chatTag', 'message']);
    assert.deepEqual(await stub.pass(500), []);
    assert.deepEqual(stub.states, ['telegram set']);
  });

  for (const [what, url] of [
    ['an earlier secret', address(TELEGRAM, BASE, 'y'.repeat(43))],
    ['an earlier public address', address(TELEGRAM, 'http://old.test/chatapp/callback/main')],
  ] as const) {
    it(`are ours with ${what} too, and renewed in silence`, async () => {
      stub.plant(TELEGRAM, url);
      await set();
      assert.equal(stub.urlOf(TELEGRAM), address(TELEGRAM));
      assert.deepEqual(stub.states, ['telegram set']);
    });
  }

  for (const url of [
    'https://flows.test/chatapp/callback/main2/s/50101/telegram',
    'https://flows.test/chatapp/callback/other/s/50101/telegram',
    'https://flows.test:8443/chatapp/callback/main/s/50101/telegram',
    'not a URL',
  ]) {
    it(`are another's at ${url}`, async () => {
      stub.plant(TELEGRAM, url);
      stub.callbacks.want(TELEGRAM, ['message']);
      assert.deepEqual(await stub.pass(500), ['GET']);
      assert.deepEqual(stub.states, ['telegram taken WEBHOOK_TAKEN.other']);
    });
  }

  it('of another are never replaced by themselves; all that is reported of them is the host', async () => {
    stub.plant(TELEGRAM);
    stub.callbacks.want(TELEGRAM, ['message']);
    stub.callbacks.want(WHATSAPP, ['message']);
    await stub.pass(500);
    stub.callbacks.want(TELEGRAM, ['message', 'chatTag']);
    await stub.pass(5 * LOOK);
    assert.equal(stub.urlOf(TELEGRAM), 'https://u:pass@crm.test/hook?key=1');
    assert.ok(!stub.asked.includes('PUT telegram'));
    const [{ state } = { state: undefined }] = stub.callbacks.all;
    assert.ok(state?.kind === 'taken' && state.host === 'crm.test');
    assert.ok(!/pass|\/hook|key=/.test(state.error.message + JSON.stringify(state.error.params)));
  });

  it('of another are one incident until they change hands', async () => {
    stub.plant(TELEGRAM);
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    const error = (): unknown => stub.callbacks.all.map(({ state }) => ('error' in state ? state.error : undefined))[0];
    const first = error();
    await stub.pass(LOOK);
    assert.equal(error(), first);
    stub.plant(TELEGRAM, 'https://other.test/');
    await stub.pass(LOOK);
    assert.notEqual(error(), first);
  });

  it('of another are replaced after an explicit yes, once', async () => {
    stub.plant(TELEGRAM);
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    assert.equal(await stub.callbacks.replace(TELEGRAM), true);
    assert.equal(stub.urlOf(TELEGRAM), address(TELEGRAM));
    assert.deepEqual(stub.states, ['telegram taken WEBHOOK_TAKEN.other', 'telegram setting', 'telegram set']);
    stub.plant(TELEGRAM);
    await stub.pass(LOOK);
    assert.equal(stub.states.at(-1), 'telegram taken WEBHOOK_TAKEN.other');
    assert.equal(await stub.callbacks.replace(WHATSAPP), false);
  });

  it('are replaced for one yes only, even where ours had come back before it', async () => {
    stub.plant(TELEGRAM);
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    stub.plant(TELEGRAM, address(TELEGRAM), ['message']);
    await stub.callbacks.replace(TELEGRAM);
    assert.equal(stub.states.at(-1), 'telegram set');
    stub.plant(TELEGRAM);
    await stub.pass(LOOK);
    assert.equal(stub.states.at(-1), 'telegram taken WEBHOOK_TAKEN.other');
    assert.notEqual(stub.urlOf(TELEGRAM), address(TELEGRAM));
  });

  it('are not replaced where they have come to somebody else than the one who was agreed on', async () => {
    stub.plant(TELEGRAM);
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    stub.plant(TELEGRAM, 'https://other.test/');
    await stub.callbacks.replace(TELEGRAM);
    assert.equal(stub.urlOf(TELEGRAM), 'https://other.test/');
  });

  it('are looked at every 10 min, and set again where somebody has removed them', async () => {
    await set();
    stub.urls.clear();
    assert.deepEqual(await stub.pass(LOOK - 1), []);
    assert.deepEqual(await stub.pass(1), ['GET', 'PUT telegram']);
    assert.deepEqual(stub.states, ['telegram set', 'telegram setting', 'telegram set']);
  });

  it('are removed when the last listener of the line is removed, and only then', async () => {
    await set();
    stub.callbacks.leave(TELEGRAM, false);
    assert.deepEqual(await stub.pass(LOOK), []);
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    stub.callbacks.leave(TELEGRAM, true);
    assert.deepEqual(await stub.pass(500), ['GET', 'DELETE telegram']);
    assert.equal(stub.urlOf(TELEGRAM), undefined);
    assert.deepEqual(await stub.pass(LOOK), []);
  });

  it('are not removed where another listener comes meanwhile, or they are somebody else’s by now', async () => {
    await set();
    stub.callbacks.leave(TELEGRAM, true);
    stub.callbacks.want(TELEGRAM, ['message']);
    assert.deepEqual(await stub.pass(500), ['GET']);
    stub.plant(TELEGRAM);
    stub.callbacks.leave(TELEGRAM, true);
    assert.deepEqual(await stub.pass(500), ['GET']);
    assert.notEqual(stub.urlOf(TELEGRAM), undefined);
  });

  it('are removed as soon as ChatApp can; what it refuses is given up', async () => {
    await set();
    stub.unremoved = refused(503);
    stub.callbacks.leave(TELEGRAM, true);
    await stub.pass(60_000);
    const tries = stub.asked.filter((asked) => asked === 'DELETE telegram').length;
    assert.ok(tries > 1 && tries < 6, `${tries}`);
    stub.unremoved = refused(403);
    await stub.pass(LOOK);
    assert.deepEqual(await stub.pass(LOOK), []);
    assert.match(stub.log.join('\n'), /could not be removed/);
  });

  for (const [status, reported] of [
    [422, 'WEBHOOK_FAILED.probe'],
    [400, 'WEBHOOK_FAILED.probe'],
    [403, 'WEBHOOK_FAILED.refused'],
    [404, 'WEBHOOK_FAILED.refused'],
    [500, 'API_FAILED.refused'],
  ] as const) {
    it(`that ChatApp answers with ${status} are tried again, ever more slowly: ${reported}`, async () => {
      stub.unset = refused(status);
      stub.callbacks.want(TELEGRAM, ['message']);
      await stub.pass(30 * 60_000);
      assert.deepEqual([...new Set(stub.states)], [`telegram failed ${reported}`]);
      const tries = stub.asked.filter((asked) => asked === 'PUT telegram').length;
      assert.ok(tries > 8 && tries < 16, `${tries}`);
      stub.unset = undefined;
      await stub.pass(LOOK);
      assert.equal(stub.states.at(-1), 'telegram set');
    });
  }

  describe('with events that ChatApp does not offer by webhook', () => {
    const HOUR = 60 * 60_000;
    const eventsOf = (): readonly string[] | undefined => stub.urls.get('50101 telegram')?.events;
    const errors = (): unknown[] => stub.callbacks.all.flatMap(({ state }) => ('error' in state ? [state.error] : []));
    const want = async (...events: string[]): Promise<string[]> => {
      stub.callbacks.want(TELEGRAM, events);
      return stub.pass(500);
    };
    beforeEach(() => {
      stub.offered = ['message', 'messageStatus'];
    });

    it('are set with those that it offers, and name the others in one error', async () => {
      assert.deepEqual(await want('message', 'chatTag', 'messageStatus', 'chatRead'), [
        'GET',
        'PUT telegram',
        'PUT telegram',
      ]);
      assert.deepEqual(eventsOf(), ['message', 'messageStatus']);
      assert.deepEqual(stub.states, ['telegram set WEBHOOK_FAILED.events']);
      const [error] = errors();
      assert.ok(error instanceof ChatAppError);
      assert.deepEqual(error.params, { line: '50101 telegram', events: 'chatTag, chatRead' });
      assert.match(stub.log.join('\n'), /does not send these events of 50101 telegram by webhook: chatTag, chatRead/);
    });

    it('ask only for basic events that somebody wants', async () => {
      await want('chatTag', 'messageStatus');
      assert.deepEqual(eventsOf(), ['messageStatus']);
    });

    it('are not asked for again for an hour, and then once', async () => {
      await want('message', 'chatTag');
      const [first] = errors();
      assert.deepEqual(await stub.pass(HOUR - 60_000), Array(5).fill('GET'));
      assert.deepEqual(await stub.pass(LOOK), ['GET', 'PUT telegram', 'PUT telegram']);
      assert.equal(errors()[0], first, 'the incident stays the same');
    });

    it('are set with all events within an hour after ChatApp has begun to offer them', async () => {
      await want('message', 'chatTag');
      stub.offered = undefined;
      await stub.pass(HOUR + LOOK);
      assert.deepEqual(eventsOf(), ['message', 'chatTag']);
      assert.deepEqual([errors(), stub.states.at(-1)], [[], 'telegram set']);
    });

    it('keep what they have while further events are refused', async () => {
      await want('message', 'chatTag');
      await want('message', 'chatTag', 'chatRead');
      assert.deepEqual(eventsOf(), ['message']);
      const [error] = errors();
      assert.ok(error instanceof ChatAppError && error.params.events === 'chatTag, chatRead');
    });

    it('end their error as soon as nobody wants such events', async () => {
      await want('message', 'chatTag');
      await want('message');
      assert.deepEqual([errors(), stub.states.at(-1)], [[], 'telegram set']);
    });

    it('are no error if the socket brings them', async () => {
      stub = new WebhookStub({ receive: 'both' });
      stub.offered = ['message'];
      await want('message', 'chatTag');
      assert.deepEqual([eventsOf(), stub.states], [['message'], ['telegram set']]);
      assert.match(stub.log.join('\n'), /chatTag/);
    });

    it('fail as before if ChatApp refuses the basic events too', async () => {
      stub.unset = refused(422);
      assert.deepEqual(await want('message', 'chatTag'), ['GET', 'PUT telegram', 'PUT telegram']);
      assert.deepEqual(stub.states, ['telegram failed WEBHOOK_FAILED.probe']);
      stub.unset = undefined;
      stub.offered = undefined;
      await stub.pass(LOOK);
      assert.deepEqual(eventsOf(), ['message', 'chatTag']);
    });

    it('fail with the error that came last, if the second request fails for another reason', async () => {
      stub = new WebhookStub({
        set: ({ events }) => Promise.reject(refused(events.length > 1 ? 422 : 503)),
      });
      await want('message', 'chatTag');
      assert.deepEqual(stub.states, ['telegram failed API_FAILED.refused']);
    });

    it('fail and say why if nobody wants a basic event', async () => {
      assert.deepEqual(await want('chatTag', 'chatRead'), ['GET', 'PUT telegram']);
      assert.deepEqual(stub.states, ['telegram failed WEBHOOK_FAILED.events']);
    });
  });

  it('name in the error our own host, line and status, never the secret', async () => {
    stub.unset = refused(422);
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    const [{ state } = { state: undefined }] = stub.callbacks.all;
    assert.ok(state?.kind === 'failed');
    assert.deepEqual(state.error.params, { line: '50101 telegram', status: 422, host: 'flows.test' });
    assert.ok(!(JSON.stringify(stub.states) + state.error.message + stub.log.join()).includes(SECRET));
  });

  it('that are set stay set while the list cannot be read; the others say when it is tried again', async () => {
    await set();
    stub.unread = refused(502, '30');
    stub.callbacks.want(WHATSAPP, ['message']);
    await stub.pass(500);
    assert.deepEqual(stub.states, ['telegram set', 'grWhatsApp failed API_FAILED.refused']);
    assert.equal(stub.errors.length, 1);
    assert.deepEqual(await stub.pass(29_999), []);
    stub.unread = undefined;
    await stub.pass(1);
    assert.equal(stub.states.at(-1), 'grWhatsApp set');
  });

  it('follow a change within 500 ms if the wall clock was set before it', async () => {
    await set();
    for (const days of [1, -2]) {
      stub.clock.setTo(stub.clock.now() + days * 86_400_000);
      stub.callbacks.want(TELEGRAM, ['message', `event${days}`]);
      assert.deepEqual(await stub.pass(500), ['GET', 'PUT telegram']);
    }
  });

  it('wait 5 min for a token', async () => {
    stub.unread = ChatAppError.of('TOKEN_INVALID', 'pasted');
    stub.callbacks.want(TELEGRAM, ['message']);
    await stub.pass(500);
    assert.deepEqual(await stub.pass(5 * 60_000 - 1), []);
    assert.deepEqual(await stub.pass(1), ['GET']);
  });

  it('are all removed with the connection, also those of an earlier run, but none of others', async () => {
    stub.plant({ ...TELEGRAM, licenseId: '1' }, address({ ...TELEGRAM, licenseId: '1' }));
    stub.plant(WHATSAPP);
    await set();
    await stub.callbacks.removeAll();
    assert.deepEqual([...stub.urls.keys()], ['50101 grWhatsApp']);
    assert.equal(stub.clock.pending, 0);
  });

  it('keep nobody waiting for longer than 8 s when the connection is removed', async () => {
    await set();
    stub.gate = new Promise(() => undefined);
    let isDone = false;
    void stub.callbacks.removeAll().then(() => (isDone = true));
    await stub.pass(7_999);
    assert.ok(!isDone);
    await stub.pass(1);
    assert.ok(isDone);
  });

  it('change nothing any more once the connection has ended', async () => {
    stub.callbacks.want(TELEGRAM, ['message']);
    stub.callbacks.stop();
    stub.callbacks.want(WHATSAPP, ['message']);
    assert.deepEqual(await stub.pass(LOOK), []);
    assert.equal(stub.clock.pending, 0);
  });
});
