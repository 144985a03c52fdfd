import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ChatAppError } from '../../src/errors';
import { address, BASE, WebhookDesk, SECRET, TELEGRAM, WHATSAPP } from '../support/webhook-desk';

const refused = (status: number, retryAfter: string | null = null): ApiError =>
  ApiError.refused('/v1/licenses/50101/messengers/telegram/callbackUrl', status, {}, retryAfter);
const LOOK = 10 * 60_000;

describe('the callbacks of a connection', () => {
  let desk: WebhookDesk;
  beforeEach(() => {
    desk = new WebhookDesk();
  });
  const set = async (): Promise<void> => {
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    assert.equal(desk.states.at(-1), 'telegram set');
  };

  it('are set once for all that a deploy brings, each with its events', async () => {
    for (let listener = 0; listener < 50; listener += 1) {
      desk.callbacks.want(TELEGRAM, ['message', ...(listener > 20 ? ['chatRead'] : [])]);
      desk.callbacks.want(WHATSAPP, ['message']);
    }
    assert.deepEqual(await desk.pass(499), []);
    assert.deepEqual(await desk.pass(1), ['GET', 'PUT telegram', 'PUT grWhatsApp']);
    assert.equal(desk.urlOf(TELEGRAM), address(TELEGRAM));
    assert.deepEqual(desk.urls.get('50101 telegram')?.events, ['message', 'chatRead']);
    assert.deepEqual(desk.states, ['telegram set', 'grWhatsApp set']);
  });

  it('are left alone where they stand as they should, in whatever order the events are', async () => {
    desk.plant(TELEGRAM, address(TELEGRAM), ['chatRead', 'message']);
    desk.callbacks.want(TELEGRAM, ['message', 'chatRead']);
    assert.deepEqual(await desk.pass(500), ['GET']);
    assert.deepEqual(desk.states, ['telegram set']);
  });

  it('follow a change of events without a time in which nothing is set', async () => {
    await set();
    desk.callbacks.want(TELEGRAM, ['message', 'chatTag']);
    assert.deepEqual(await desk.pass(500), ['GET', 'PUT telegram']);
    desk.callbacks.want(TELEGRAM, ['chatTag', 'message']);
    assert.deepEqual(await desk.pass(500), []);
    assert.deepEqual(desk.states, ['telegram set']);
  });

  for (const [what, url] of [
    ['an earlier secret', address(TELEGRAM, BASE, 'y'.repeat(43))],
    ['an earlier public address', address(TELEGRAM, 'http://old.test/chatapp/callback/main')],
  ] as const) {
    it(`are ours with ${what} too, and renewed in silence`, async () => {
      desk.plant(TELEGRAM, url);
      await set();
      assert.equal(desk.urlOf(TELEGRAM), address(TELEGRAM));
      assert.deepEqual(desk.states, ['telegram set']);
    });
  }

  for (const url of [
    'https://flows.test/chatapp/callback/main2/s/50101/telegram',
    'https://flows.test/chatapp/callback/other/s/50101/telegram',
    'https://flows.test:8443/chatapp/callback/main/s/50101/telegram',
    'not a URL',
  ]) {
    it(`are another's at ${url}`, async () => {
      desk.plant(TELEGRAM, url);
      desk.callbacks.want(TELEGRAM, ['message']);
      assert.deepEqual(await desk.pass(500), ['GET']);
      assert.deepEqual(desk.states, ['telegram taken WEBHOOK_TAKEN.other']);
    });
  }

  it('of another are never replaced by themselves; all that is told of them is the host', async () => {
    desk.plant(TELEGRAM);
    desk.callbacks.want(TELEGRAM, ['message']);
    desk.callbacks.want(WHATSAPP, ['message']);
    await desk.pass(500);
    desk.callbacks.want(TELEGRAM, ['message', 'chatTag']);
    await desk.pass(5 * LOOK);
    assert.equal(desk.urlOf(TELEGRAM), 'https://u:pass@crm.test/hook?key=1');
    assert.ok(!desk.asked.includes('PUT telegram'));
    const [{ state } = { state: undefined }] = desk.callbacks.all;
    assert.ok(state?.kind === 'taken' && state.host === 'crm.test');
    assert.ok(!/pass|\/hook|key=/.test(state.error.message + JSON.stringify(state.error.params)));
  });

  it('of another are one incident until they change hands', async () => {
    desk.plant(TELEGRAM);
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    const error = (): unknown => desk.callbacks.all.map(({ state }) => ('error' in state ? state.error : undefined))[0];
    const first = error();
    await desk.pass(LOOK);
    assert.equal(error(), first);
    desk.plant(TELEGRAM, 'https://other.test/');
    await desk.pass(LOOK);
    assert.notEqual(error(), first);
  });

  it('of another are replaced after an explicit yes, once', async () => {
    desk.plant(TELEGRAM);
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    assert.equal(await desk.callbacks.replace(TELEGRAM), true);
    assert.equal(desk.urlOf(TELEGRAM), address(TELEGRAM));
    assert.deepEqual(desk.states, ['telegram taken WEBHOOK_TAKEN.other', 'telegram setting', 'telegram set']);
    desk.plant(TELEGRAM);
    await desk.pass(LOOK);
    assert.equal(desk.states.at(-1), 'telegram taken WEBHOOK_TAKEN.other');
    assert.equal(await desk.callbacks.replace(WHATSAPP), false);
  });

  it('are replaced for one yes only, even where ours had come back before it', async () => {
    desk.plant(TELEGRAM);
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    desk.plant(TELEGRAM, address(TELEGRAM), ['message']);
    await desk.callbacks.replace(TELEGRAM);
    assert.equal(desk.states.at(-1), 'telegram set');
    desk.plant(TELEGRAM);
    await desk.pass(LOOK);
    assert.equal(desk.states.at(-1), 'telegram taken WEBHOOK_TAKEN.other');
    assert.notEqual(desk.urlOf(TELEGRAM), address(TELEGRAM));
  });

  it('are not replaced where they have come to somebody else than the one who was agreed on', async () => {
    desk.plant(TELEGRAM);
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    desk.plant(TELEGRAM, 'https://other.test/');
    await desk.callbacks.replace(TELEGRAM);
    assert.equal(desk.urlOf(TELEGRAM), 'https://other.test/');
  });

  it('are looked at every 10 min, and set anew where somebody has removed them', async () => {
    await set();
    desk.urls.clear();
    assert.deepEqual(await desk.pass(LOOK - 1), []);
    assert.deepEqual(await desk.pass(1), ['GET', 'PUT telegram']);
    assert.deepEqual(desk.states, ['telegram set', 'telegram setting', 'telegram set']);
  });

  it('are removed with the last listener of the line for good, and only then', async () => {
    await set();
    desk.callbacks.leave(TELEGRAM, false);
    assert.deepEqual(await desk.pass(LOOK), []);
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    desk.callbacks.leave(TELEGRAM, true);
    assert.deepEqual(await desk.pass(500), ['GET', 'DELETE telegram']);
    assert.equal(desk.urlOf(TELEGRAM), undefined);
    assert.deepEqual(await desk.pass(LOOK), []);
  });

  it('are not removed where another listener comes meanwhile, or they are somebody else’s by now', async () => {
    await set();
    desk.callbacks.leave(TELEGRAM, true);
    desk.callbacks.want(TELEGRAM, ['message']);
    assert.deepEqual(await desk.pass(500), ['GET']);
    desk.plant(TELEGRAM);
    desk.callbacks.leave(TELEGRAM, true);
    assert.deepEqual(await desk.pass(500), ['GET']);
    assert.notEqual(desk.urlOf(TELEGRAM), undefined);
  });

  it('are removed as soon as ChatApp can; what it refuses is given up', async () => {
    await set();
    desk.unremoved = refused(503);
    desk.callbacks.leave(TELEGRAM, true);
    await desk.pass(60_000);
    const tries = desk.asked.filter((asked) => asked === 'DELETE telegram').length;
    assert.ok(tries > 1 && tries < 6, `${tries}`);
    desk.unremoved = refused(403);
    await desk.pass(LOOK);
    assert.deepEqual(await desk.pass(LOOK), []);
    assert.match(desk.log.join('\n'), /could not be removed/);
  });

  for (const [status, told] of [
    [422, 'WEBHOOK_FAILED.probe'],
    [400, 'WEBHOOK_FAILED.probe'],
    [403, 'WEBHOOK_FAILED.refused'],
    [404, 'WEBHOOK_FAILED.refused'],
    [500, 'API_FAILED.refused'],
  ] as const) {
    it(`that ChatApp answers with ${status} are tried again, ever more slowly: ${told}`, async () => {
      desk.unset = refused(status);
      desk.callbacks.want(TELEGRAM, ['message']);
      await desk.pass(30 * 60_000);
      assert.deepEqual([...new Set(desk.states)], [`telegram failed ${told}`]);
      const tries = desk.asked.filter((asked) => asked === 'PUT telegram').length;
      assert.ok(tries > 8 && tries < 16, `${tries}`);
      desk.unset = undefined;
      await desk.pass(LOOK);
      assert.equal(desk.states.at(-1), 'telegram set');
    });
  }

  describe('with events that ChatApp does not offer by webhook', () => {
    const HOUR = 60 * 60_000;
    const eventsOf = (): readonly string[] | undefined => desk.urls.get('50101 telegram')?.events;
    const errors = (): unknown[] => desk.callbacks.all.flatMap(({ state }) => ('error' in state ? [state.error] : []));
    const want = async (...events: string[]): Promise<string[]> => {
      desk.callbacks.want(TELEGRAM, events);
      return desk.pass(500);
    };
    beforeEach(() => {
      desk.offered = ['message', 'messageStatus'];
    });

    it('are set with those that it offers, and name the others in one error', async () => {
      assert.deepEqual(await want('message', 'chatTag', 'messageStatus', 'chatRead'), [
        'GET',
        'PUT telegram',
        'PUT telegram',
      ]);
      assert.deepEqual(eventsOf(), ['message', 'messageStatus']);
      assert.deepEqual(desk.states, ['telegram set WEBHOOK_FAILED.events']);
      const [error] = errors();
      assert.ok(error instanceof ChatAppError);
      assert.deepEqual(error.params, { line: '50101 telegram', events: 'chatTag, chatRead' });
      assert.match(desk.log.join('\n'), /does not send these events of 50101 telegram by webhook: chatTag, chatRead/);
    });

    it('ask only for basic events that somebody wants', async () => {
      await want('chatTag', 'messageStatus');
      assert.deepEqual(eventsOf(), ['messageStatus']);
    });

    it('are not asked for again for an hour, and then once', async () => {
      await want('message', 'chatTag');
      const [first] = errors();
      assert.deepEqual(await desk.pass(HOUR - 60_000), Array(5).fill('GET'));
      assert.deepEqual(await desk.pass(LOOK), ['GET', 'PUT telegram', 'PUT telegram']);
      assert.equal(errors()[0], first, 'the incident stays the same');
    });

    it('are set with all events within an hour after ChatApp has begun to offer them', async () => {
      await want('message', 'chatTag');
      desk.offered = undefined;
      await desk.pass(HOUR + LOOK);
      assert.deepEqual(eventsOf(), ['message', 'chatTag']);
      assert.deepEqual([errors(), desk.states.at(-1)], [[], 'telegram set']);
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
      assert.deepEqual([errors(), desk.states.at(-1)], [[], 'telegram set']);
    });

    it('are no error if the socket brings them', async () => {
      desk = new WebhookDesk({ receive: 'both' });
      desk.offered = ['message'];
      await want('message', 'chatTag');
      assert.deepEqual([eventsOf(), desk.states], [['message'], ['telegram set']]);
      assert.match(desk.log.join('\n'), /chatTag/);
    });

    it('fail as before if ChatApp refuses the basic events too', async () => {
      desk.unset = refused(422);
      assert.deepEqual(await want('message', 'chatTag'), ['GET', 'PUT telegram', 'PUT telegram']);
      assert.deepEqual(desk.states, ['telegram failed WEBHOOK_FAILED.probe']);
      desk.unset = undefined;
      desk.offered = undefined;
      await desk.pass(LOOK);
      assert.deepEqual(eventsOf(), ['message', 'chatTag']);
    });

    it('fail with the error that came last, if the second request fails for another reason', async () => {
      desk = new WebhookDesk({
        set: ({ events }) => Promise.reject(refused(events.length > 1 ? 422 : 503)),
      });
      await want('message', 'chatTag');
      assert.deepEqual(desk.states, ['telegram failed API_FAILED.refused']);
    });

    it('fail and say why if nobody wants a basic event', async () => {
      assert.deepEqual(await want('chatTag', 'chatRead'), ['GET', 'PUT telegram']);
      assert.deepEqual(desk.states, ['telegram failed WEBHOOK_FAILED.events']);
    });
  });

  it('name in the error our own host, line and status, never the secret', async () => {
    desk.unset = refused(422);
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    const [{ state } = { state: undefined }] = desk.callbacks.all;
    assert.ok(state?.kind === 'failed');
    assert.deepEqual(state.error.params, { line: '50101 telegram', status: 422, host: 'flows.test' });
    assert.ok(!(JSON.stringify(desk.states) + state.error.message + desk.log.join()).includes(SECRET));
  });

  it('that are set stay set while the list cannot be read; the others say when it is tried again', async () => {
    await set();
    desk.unread = refused(502, '30');
    desk.callbacks.want(WHATSAPP, ['message']);
    await desk.pass(500);
    assert.deepEqual(desk.states, ['telegram set', 'grWhatsApp failed API_FAILED.refused']);
    assert.equal(desk.errors.length, 1);
    assert.deepEqual(await desk.pass(29_999), []);
    desk.unread = undefined;
    await desk.pass(1);
    assert.equal(desk.states.at(-1), 'grWhatsApp set');
  });

  it('follow a change within 500 ms if the wall clock was set before it', async () => {
    await set();
    for (const days of [1, -2]) {
      desk.clock.setTo(desk.clock.now() + days * 86_400_000);
      desk.callbacks.want(TELEGRAM, ['message', `event${days}`]);
      assert.deepEqual(await desk.pass(500), ['GET', 'PUT telegram']);
    }
  });

  it('wait 5 min for a token', async () => {
    desk.unread = ChatAppError.of('TOKEN_INVALID', 'pasted');
    desk.callbacks.want(TELEGRAM, ['message']);
    await desk.pass(500);
    assert.deepEqual(await desk.pass(5 * 60_000 - 1), []);
    assert.deepEqual(await desk.pass(1), ['GET']);
  });

  it('are all removed with the connection, also those of an earlier run, but none of others', async () => {
    desk.plant({ ...TELEGRAM, licenseId: '1' }, address({ ...TELEGRAM, licenseId: '1' }));
    desk.plant(WHATSAPP);
    await set();
    await desk.callbacks.removeAll();
    assert.deepEqual([...desk.urls.keys()], ['50101 grWhatsApp']);
    assert.equal(desk.clock.pending, 0);
  });

  it('keep nobody waiting for longer than 8 s when the connection is removed', async () => {
    await set();
    desk.gate = new Promise(() => undefined);
    let isDone = false;
    void desk.callbacks.removeAll().then(() => (isDone = true));
    await desk.pass(7_999);
    assert.ok(!isDone);
    await desk.pass(1);
    assert.ok(isDone);
  });

  it('change nothing any more once the connection has ended', async () => {
    desk.callbacks.want(TELEGRAM, ['message']);
    desk.callbacks.stop();
    desk.callbacks.want(WHATSAPP, ['message']);
    assert.deepEqual(await desk.pass(LOOK), []);
    assert.equal(desk.clock.pending, 0);
  });
});
