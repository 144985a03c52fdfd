import assert from 'node:assert/strict';
import { startSimulator } from '../simulator';
import type { ChannelChoice } from '../src/inbox/listener';
import { ACCOUNT, ConnectionHarness } from './support/connection-harness';
import { FakeClock } from './support/fake-clock';
import { ListenerSpy } from './support/listener-spy';

const AUTH = '/broadcasting/auth';
const USER = 'private-v1.users.9041';
const LINE = 'private-v1.licenses.50718.messengers.telegram';

const toUser = (): ListenerSpy => new ListenerSpy({ type: 'user', userId: '9041' });
const ALL_KINDS: readonly ChannelChoice[] = [
  { type: 'messenger', licenseId: '50718', messengerType: 'telegram' },
  { type: 'company', companyId: '3306' },
  { type: 'user', userId: '9041' },
  { type: 'employee', companyId: '3306', userId: '9041' },
];

describe('a connection that fails', () => {
  let harness: ConnectionHarness;
  const start = async (...args: Parameters<typeof ConnectionHarness.start>): Promise<ConnectionHarness> => {
    harness = await ConnectionHarness.start(...args);
    return harness;
  };
  afterEach(() => harness.close());

  it('renews a token that died, once, and goes on', async () => {
    const { simulator } = await start({}, ({ account: { accessToken, refreshToken } }) => ({
      credentials: { kind: 'token', accessToken, refreshToken },
      random: () => 0,
    }));
    const all = ALL_KINDS.map((choice) => new ListenerSpy(choice));
    await harness.listen(...all);
    simulator.expireAccessToken();
    simulator.dropAll();
    await Promise.all(
      all.map((one) => one.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === 2)),
    );
    assert.equal(simulator.requestsTo('/v1/tokens/refresh').length, 1);
    assert.deepEqual(harness.codes, []);
  });

  for (const [what, answer] of [
    ['JSON without a code', { status: 403, body: { message: 'Forbidden.' } }],
    ['401', { status: 401, body: { message: 'Unauthenticated.' } }],
    ['a page', { status: 403, body: '<html>Forbidden</html>' }],
    ['an expired page', { status: 419, body: { message: 'CSRF token mismatch.' } }],
  ] as const) {
    it(`renews a dead token that ChatApp does not call dead, for all channels at once: ${what}`, async () => {
      const { simulator } = await start({}, ({ account: { accessToken, refreshToken } }) => ({
        credentials: { kind: 'token', accessToken, refreshToken },
        random: () => 0,
      }));
      simulator.faults.answerDeadTokensWith(answer);
      simulator.expireAccessToken();
      const all = [...ALL_KINDS, { type: 'messenger' } as const].map((choice) => new ListenerSpy(choice));
      await harness.listen(...all);
      const asked = ['/v1/tokens/check', '/v1/tokens/refresh'].map((path) => simulator.requestsTo(path).length);
      assert.deepEqual(asked, [1, 1]);
      assert.deepEqual([harness.codes, all.flatMap(({ codes }) => codes)], [[], []]);
    });
  }

  it('keeps a token that is alive while ChatApp refuses a channel, and checks it once', async () => {
    const { simulator } = await start({}, ({ account: { accessToken, refreshToken } }) => ({
      credentials: { kind: 'token', accessToken, refreshToken },
      random: () => 0,
    }));
    const foreign = ['1', '2', '3'].map((companyId) => new ListenerSpy({ type: 'company', companyId }));
    for (const spy of foreign) harness.connection.listen(spy);
    await Promise.all(foreign.map((spy) => spy.until(({ status }) => status?.kind === 'refused')));
    assert.deepEqual(new Set(foreign.flatMap(({ codes }) => codes)), new Set(['CHANNEL_REFUSED.forbidden']));
    const asked = ['/v1/tokens/check', '/v1/tokens/refresh'].map((path) => simulator.requestsTo(path).length);
    assert.deepEqual(asked, [1, 0]);
  });

  it('reports a permanently dead token once, however many channels need it', async () => {
    const { simulator } = await start();
    simulator.expireAccessToken();
    const all = ALL_KINDS.map((choice) => new ListenerSpy(choice));
    for (const spy of all) harness.connection.listen(spy);
    await Promise.all(all.map((spy) => spy.until(({ status }) => status?.kind === 'tokenInvalid')));
    assert.deepEqual(harness.codes, ['TOKEN_INVALID.pasted']);
    assert.ok(all.every(({ codes }) => codes.length === 0));
    assert.doesNotMatch(harness.log.join('\n'), new RegExp(simulator.account.accessToken));
  });

  it('freezes nothing where the lines cannot be read for want of a token', async () => {
    await start();
    harness.simulator.expireAccessToken();
    const spy = new ListenerSpy({ type: 'messenger' });
    harness.connection.listen(spy);
    await spy.until(({ status }) => status?.kind === 'tokenInvalid');
    assert.ok(harness.simulator.requestsTo('/v1/licenses').length <= 1);
  });

  for (const [what, answer] of [
    ['status 503', { status: 503, body: '' }],
    ['a page', { status: 200, body: '<html>Welcome</html>' }],
    ['null', { status: 200, body: null }],
    ['an expired page', { status: 419, body: { message: 'CSRF token mismatch.' } }],
    ['nothing', 'hang'],
  ] as const) {
    it(`asks again where an authorisation is answered with ${what}, and listens in the end`, async () => {
      const clock = new FakeClock();
      const { simulator } = await start({}, () => ({ clock, random: () => 0.5 }));
      simulator.answerAuthWith(answer);
      const spy = toUser();
      harness.connection.listen(spy);
      await simulator.until(() => simulator.requestsTo(AUTH).length === 1);
      if (answer === 'hang') await clock.pass(10_000);
      await spy.until(({ status }) => status?.kind === 'waiting');
      simulator.answerAuthWith(undefined);
      await clock.pass(499);
      assert.equal(simulator.requestsTo(AUTH).length, 1);
      await clock.pass(1);
      await spy.until(({ status }) => status?.kind === 'listening');
      assert.deepEqual([spy.codes, harness.codes], [[], []]);
    });
  }

  it('comes back by itself after the server drops it, with all of its channels', async () => {
    const clock = new FakeClock();
    const { simulator } = await start({}, () => ({ clock }));
    const all = ALL_KINDS.map((choice) => new ListenerSpy(choice));
    const listened = (times: number): Promise<unknown> =>
      Promise.all(
        all.map((one) => one.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === times)),
      );
    await harness.listen(...all);
    for (const [round, code] of [undefined, 4200, 1001].entries()) {
      simulator.dropAll(code);
      await all[0]?.until(({ status }) => status?.kind === 'waiting');
      await clock.pass(1_500);
      await listened(round + 2);
      assert.equal(simulator.announce(LINE, 'chatRead', { data: [{ chat: { id: round } }], meta: {} }), 1);
    }
    await all[0]?.until(({ items }) => items.length === 3);
    assert.deepEqual([harness.codes, simulator.connections], [[], 4]);
  });

  for (const code of [4000, 4004]) {
    it(`comes back a second after the server closes a socket that worked with ${code}, and reports nothing`, async () => {
      const clock = new FakeClock();
      const { simulator } = await start({}, () => ({ clock, random: () => 0.5 }));
      const spy = toUser();
      await harness.listen(spy);
      await clock.pass(5_000);
      simulator.dropAll(code);
      await spy.until(({ status }) => status?.kind === 'waiting');
      assert.equal(spy.status?.nextTry, clock.now() + 1_000);
      await clock.pass(1_000);
      await spy.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === 2);
      assert.deepEqual([spy.codes, harness.codes, simulator.connections], [[], [], 2]);
    });
  }

  it('tries a refused socket again at once with a listener that is deployed, not in 5 min', async () => {
    const clock = new FakeClock();
    const { simulator } = await start({}, () => ({ clock }));
    simulator.faults.receiveWith({ error: 4001, closes: true });
    const first = toUser();
    harness.connection.listen(first);
    await first.until(({ status }) => status?.kind === 'refused');
    simulator.faults.receiveWith(undefined);
    await clock.pass(10_000);
    const second = new ListenerSpy({ type: 'company', companyId: '3306' });
    await harness.listen(second);
    await first.until(({ status }) => status?.kind === 'listening');
    assert.deepEqual(harness.codes, ['CONNECTION_REFUSED.appKey']);
  });

  it('comes back by itself after the server was away', async () => {
    const { simulator } = await start({}, () => ({ random: () => 0 }));
    const spy = toUser();
    await harness.listen(spy);
    const { port } = simulator;
    await simulator.close();
    await spy.until(({ kinds }) => kinds.filter((kind) => kind === 'waiting').length > 1);
    const again = await startSimulator({ port, account: { ...ACCOUNT, accessToken: simulator.account.accessToken } });
    await spy.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === 2);
    assert.equal(again.subscriptions(USER), 1);
    await harness.connection.close();
    await again.close();
  });
});
