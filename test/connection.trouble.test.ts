import assert from 'node:assert/strict';
import { startSimulator } from '../simulator';
import type { ChannelChoice } from '../src/feed/listener';
import { ACCOUNT, ConnectionStage } from './support/connection-stage';
import { FakeClock } from './support/fake-clock';
import { Heard } from './support/heard';

const AUTH = '/broadcasting/auth';
const USER = 'private-v1.users.9041';
const LINE = 'private-v1.licenses.50718.messengers.telegram';

const toUser = (): Heard => new Heard({ type: 'user', userId: '9041' });
const ALL_KINDS: readonly ChannelChoice[] = [
  { type: 'messenger', licenseId: '50718', messengerType: 'telegram' },
  { type: 'company', companyId: '3306' },
  { type: 'user', userId: '9041' },
  { type: 'employee', companyId: '3306', userId: '9041' },
];

describe('a connection in trouble', () => {
  let stage: ConnectionStage;
  const start = async (...args: Parameters<typeof ConnectionStage.start>): Promise<ConnectionStage> => {
    stage = await ConnectionStage.start(...args);
    return stage;
  };
  afterEach(() => stage.close());

  it('renews a token that died, once, and goes on', async () => {
    const { simulator } = await start({}, ({ account: { accessToken, refreshToken } }) => ({
      credentials: { kind: 'token', accessToken, refreshToken },
      random: () => 0,
    }));
    const all = ALL_KINDS.map((choice) => new Heard(choice));
    await stage.listen(...all);
    simulator.expireAccessToken();
    simulator.dropAll();
    await Promise.all(
      all.map((one) => one.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === 2)),
    );
    assert.equal(simulator.requestsTo('/v1/tokens/refresh').length, 1);
    assert.deepEqual(stage.codes, []);
  });

  it('tells a token that is dead for good once, however many channels need it', async () => {
    const { simulator } = await start();
    simulator.expireAccessToken();
    const all = ALL_KINDS.map((choice) => new Heard(choice));
    for (const heard of all) stage.connection.listen(heard);
    await Promise.all(all.map((heard) => heard.until(({ status }) => status?.kind === 'tokenInvalid')));
    assert.deepEqual(stage.codes, ['TOKEN_INVALID.pasted']);
    assert.ok(all.every(({ codes }) => codes.length === 0));
    assert.doesNotMatch(stage.log.join('\n'), new RegExp(simulator.account.accessToken));
  });

  it('freezes nothing where the lines cannot be read for want of a token', async () => {
    await start();
    stage.simulator.expireAccessToken();
    const heard = new Heard({ type: 'messenger' });
    stage.connection.listen(heard);
    await heard.until(({ status }) => status?.kind === 'tokenInvalid');
    assert.equal(stage.simulator.requestsTo('/v1/licenses').length, 1);
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
      const heard = toUser();
      stage.connection.listen(heard);
      await simulator.until(() => simulator.requestsTo(AUTH).length === 1);
      if (answer === 'hang') await clock.pass(10_000);
      await heard.until(({ status }) => status?.kind === 'waiting');
      simulator.answerAuthWith(undefined);
      await clock.pass(499);
      assert.equal(simulator.requestsTo(AUTH).length, 1);
      await clock.pass(1);
      await heard.until(({ status }) => status?.kind === 'listening');
      assert.deepEqual([heard.codes, stage.codes], [[], []]);
    });
  }

  it('comes back by itself after the server drops it, with all of its channels', async () => {
    const clock = new FakeClock();
    const { simulator } = await start({}, () => ({ clock }));
    const all = ALL_KINDS.map((choice) => new Heard(choice));
    const listened = (times: number): Promise<unknown> =>
      Promise.all(
        all.map((one) => one.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === times)),
      );
    await stage.listen(...all);
    for (const [round, code] of [undefined, 4200, 1001].entries()) {
      simulator.dropAll(code);
      await all[0]?.until(({ status }) => status?.kind === 'waiting');
      await clock.pass(1_500);
      await listened(round + 2);
      assert.equal(simulator.announce(LINE, 'chatRead', { data: [{ chat: { id: round } }], meta: {} }), 1);
    }
    await all[0]?.until(({ items }) => items.length === 3);
    assert.deepEqual([stage.codes, simulator.connections], [[], 4]);
  });

  it('comes back by itself after the server was away', async () => {
    const { simulator } = await start({}, () => ({ random: () => 0 }));
    const heard = toUser();
    await stage.listen(heard);
    const { port } = simulator;
    await simulator.close();
    await heard.until(({ kinds }) => kinds.filter((kind) => kind === 'waiting').length > 1);
    const again = await startSimulator({ port, account: { ...ACCOUNT, accessToken: simulator.account.accessToken } });
    await heard.until(({ kinds }) => kinds.filter((kind) => kind === 'listening').length === 2);
    assert.equal(again.subscriptions(USER), 1);
    await stage.connection.close();
    await again.close();
  });
});
