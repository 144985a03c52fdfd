import assert from 'node:assert/strict';
import { systemClock } from '../src/clock';
import { createConnection } from '../src/connection';
import type { ChannelChoice } from '../src/inbox/listener';
import { silentLog } from '../src/log';
import { Sessions } from '../src/session/sessions';
import { ACCOUNT, ConnectionHarness } from './support/connection-harness';
import { codeOf } from './support/errors';
import { ListenerSpy } from './support/listener-spy';

const AUTH = '/broadcasting/auth';
const USER = 'private-v1.users.9041';

const toUser = (): ListenerSpy => new ListenerSpy({ type: 'user', userId: '9041' });
const toLine = (): ListenerSpy => new ListenerSpy({ type: 'messenger', licenseId: '50718', messengerType: 'telegram' });
const ALL_KINDS: readonly ChannelChoice[] = [
  { type: 'messenger', licenseId: '50718', messengerType: 'telegram' },
  { type: 'company', companyId: '3306' },
  { type: 'user', userId: '9041' },
  { type: 'employee', companyId: '3306', userId: '9041' },
];

describe('a connection', () => {
  let harness: ConnectionHarness;
  const start = async (...args: Parameters<typeof ConnectionHarness.start>): Promise<ConnectionHarness> => {
    harness = await ConnectionHarness.start(...args);
    return harness;
  };
  afterEach(() => harness.close());

  it('does nothing at all before somebody listens', async () => {
    const { simulator } = await start();
    // Were there a socket, its server would see it before it sees this one.
    await fetch(simulator.url);
    assert.deepEqual([simulator.connections, simulator.requestsTo(AUTH).length], [0, 0]);
  });

  it('opens its socket for the first listener, closes it after the last, and opens it again', async () => {
    const { simulator } = await start();
    const [stopOne, stopOther] = await harness.listen(toUser(), toLine());
    assert.deepEqual([simulator.connections, simulator.sockets], [1, 1]);
    stopOne?.();
    await simulator.until(() => simulator.subscriptions(USER) === 0);
    assert.equal(simulator.sockets, 1);
    stopOther?.();
    await simulator.until(() => simulator.sockets === 0);
    await harness.listen(toUser());
    assert.deepEqual([simulator.connections, simulator.sockets], [2, 1]);
  });

  it('has one socket and one subscription for each channel, however many listen', async () => {
    const { simulator } = await start();
    await harness.listen(
      ...Array.from({ length: 40 }, (_, index) => new ListenerSpy(ALL_KINDS[index % 4] ?? { type: 'messenger' })),
    );
    assert.equal(simulator.connections, 1);
    assert.equal(simulator.requestsTo(AUTH).length, 4);
    assert.equal(simulator.frames.filter(({ event }) => event === 'pusher:subscribe').length, 4);
  });

  it('leaves nothing behind for a listener whose ids are none', async () => {
    const { simulator } = await start();
    assert.throws(
      () => harness.connection.listen(new ListenerSpy({ type: 'company', companyId: '${COMPANY}' })),
      RangeError,
    );
    await harness.listen(toUser());
    assert.throws(() => harness.connection.listen(new ListenerSpy({ type: 'user', userId: '' })), RangeError);
    await simulator.until(() => simulator.sockets === 1);
    assert.equal(simulator.subscriptions(USER), 1);
  });

  it('authorises at most 25 channels at a time', async () => {
    const companies = Array.from({ length: 35 }, (_, index) => ({ companyId: 100 + index, name: 'x', employees: [] }));
    const { simulator } = await start({ account: { ...ACCOUNT, companies } });
    // Long enough for 25 to be under way at once, however busy the machine is.
    simulator.answerAuthWith({ delayMs: 3_000 });
    let most = 0;
    simulator.onChange(() => (most = Math.max(most, harness.underWay(AUTH))));
    await harness.listen(
      ...companies.map(({ companyId }) => new ListenerSpy({ type: 'company', companyId: `${companyId}` })),
    );
    assert.equal(most, 25);
    assert.equal(simulator.requestsTo(AUTH).length, 35);
  });

  it('logs in once for all channels, and not at all where a token is given', async () => {
    const { simulator } = await start({}, ({ account: { email, password, appId } }) => ({
      credentials: { kind: 'account', email, password, appId },
    }));
    await harness.listen(...ALL_KINDS.map((choice) => new ListenerSpy(choice)));
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
    await harness.close();
    await start();
    await harness.listen(toUser());
    assert.equal(harness.simulator.requestsTo('/v1/tokens').length, 0);
  });

  it('reports its listeners nothing any more once it is closed', async () => {
    const { simulator } = await start();
    const spy = toUser();
    await harness.listen(spy);
    await harness.connection.close();
    const { length } = spy.statuses;
    await simulator.until(() => simulator.sockets === 0);
    simulator.announce(USER, 'quickResponse', { data: [{}], meta: {} });
    assert.deepEqual([spy.statuses.length, spy.items], [length, []]);
  });

  it('can be closed twice, and before it was used', async () => {
    await start();
    await harness.connection.close();
    await harness.connection.close();
    assert.equal(harness.simulator.connections, 0);
  });

  it('is not made for URLs that are none, and takes no session for them', async () => {
    const { simulator } = await start();
    const sessions = new Sessions();
    const credentials = { kind: 'token', accessToken: simulator.account.accessToken } as const;
    const settings = { credentials, sessions, apiUrl: simulator.url, onError: (): void => undefined };
    assert.throws(() => createConnection({ ...settings, apiUrl: 'nowhere' }), TypeError);
    const own = sessions.open({ ...settings, network: {}, store: undefined, clock: systemClock, log: silentLog });
    assert.throws(() => createConnection({ ...settings, socketUrl: 'nowhere' }), TypeError);
    await own.close();
    assert.equal(await codeOf(own.api.read({ path: '/v1/licenses' })), 'API_FAILED.closed', 'we were its last user');
  });
});
