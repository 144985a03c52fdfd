import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startSimulator, type Simulator } from '../simulator';
import { openAccount, type AccountOptions, type OpenAccount } from '../src/account';
import type { CheckStep } from '../src/check';
import type { ClusterSettings } from '../src/cluster/settings';
import { Sessions } from '../src/session/sessions';
import { codeOf, nameOf } from './support/errors';
import { FakeClock } from './support/fake-clock';
import { RestartablePort } from './support/restartable-port';
import { startNats } from './support/nats';
import { WAIT_LIMIT } from './support/wait-limit';

describe('the check of an account', () => {
  let simulator: Simulator;
  let sessions: Sessions;
  const open: OpenAccount[] = [];
  beforeEach(async () => {
    simulator = await startSimulator({ socketPort: 0 });
    sessions = new Sessions();
  });
  afterEach(async () => {
    for (const account of open.splice(0)) await account.close();
    await simulator.close();
  });

  const opened = (more: Partial<AccountOptions> = {}): OpenAccount => {
    const { url: apiUrl, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    const credentials = { kind: 'account', email, password, appId } as const;
    const made = openAccount({ credentials, apiUrl, socketUrl, sessions, ...more });
    open.push(made);
    return made;
  };
  /** A check under way, and what it has reported so far. */
  const begin = (more?: Partial<AccountOptions>, signal?: AbortSignal): { steps: CheckStep[]; end: Promise<void> } => {
    const steps: CheckStep[] = [];
    return { steps, end: opened(more).check((step) => steps.push(step), signal) };
  };
  const check = async (more?: Partial<AccountOptions>): Promise<Record<string, string>> => {
    const { steps, end } = begin(more);
    await end;
    assert.equal(steps.length, 3);
    return inShort(steps);
  };
  const until = async (holds: () => boolean): Promise<void> => simulator.until(holds);
  const asked = (path: string): number => simulator.requestsTo(path).length;

  it('tells that all is well, how many lines there are, and leaves no socket behind', async () => {
    const { steps, end } = begin();
    await end;
    const known = (name: string): CheckStep | undefined => steps.find(({ step }) => step === name);
    assert.deepEqual(known('login'), { step: 'login', outcome: 'ok' });
    assert.deepEqual(known('lines'), { step: 'lines', outcome: 'ok', lines: 2, messengers: 5 });
    assert.deepEqual(known('socket'), { step: 'socket', outcome: 'ok' });
    assert.deepEqual([asked('/v1/tokens'), asked('/v1/tokens/check'), simulator.connections], [1, 1, 1]);
    await until(() => simulator.sockets === 0);
  });

  it('asks for no login where a token is good', async () => {
    const { accessToken } = simulator.account;
    const steps = await check({ credentials: { kind: 'token', accessToken } });
    assert.deepEqual(steps, { login: 'ok', lines: 'ok', socket: 'ok' });
    assert.equal(asked('/v1/tokens'), 0);
  });

  it('finds a token dead that ChatApp does not take', async () => {
    const steps = await check({ credentials: { kind: 'token', accessToken: 'dead' } });
    assert.deepEqual(steps, { login: 'TOKEN_INVALID.pasted', lines: 'skipped', socket: 'ok' });
  });

  describe('with several copies', () => {
    const probed = async (cluster: ClusterSettings): Promise<string | undefined> => {
      const { steps, end } = begin({ cluster });
      await end;
      const { cluster: outcome, ...others } = inShort(steps);
      assert.deepEqual(others, { login: 'ok', lines: 'ok', socket: 'ok' });
      return outcome;
    };

    it('reports whether NATS lets them in and has JetStream, and leaves nothing there', async function () {
      const password = 'letmein';
      const settings = `accounts {
        shop { jetstream: enabled, users: [{ user: shop, password: ${password} }] }
        poor { users: [{ user: poor, password: ${password} }] }
      }`;
      const nats = await startNats({ settings });
      if (!nats) return this.skip();
      try {
        const { servers } = nats;
        const as = (user: string): ClusterSettings => ({ servers, login: { kind: 'user', user, password } });
        assert.equal(await probed(as('shop')), 'ok');
        assert.equal(await probed(as('poor')), 'CLUSTER_FAILED.noJetStream');
        assert.equal(await probed(as('unknown')), 'CLUSTER_FAILED.refused');
        assert.equal(await probed({ servers }), 'CLUSTER_FAILED.refused');
        const connection = await connect({ servers: [...servers], user: 'shop', pass: password });
        const { streams } = await (await jetstreamManager(connection)).getAccountInfo();
        await connection.close();
        assert.equal(streams, 0);
      } finally {
        await nats.end();
      }
      assert.equal(await probed({ servers: nats.servers }), 'CLUSTER_FAILED.unreachable');
    });

    it('gives a NATS that never answers up in time, however many servers it has, and leaves no socket open', async () => {
      const closed: Promise<unknown>[] = [];
      const silent = new RestartablePort(() =>
        createServer((socket) => {
          socket.resume().on('error', () => undefined);
          closed.push(once(socket, 'close'));
        }),
      );
      await silent.open();
      const servers = Array.from({ length: 9 }, () => `127.0.0.1:${silent.number}`);
      const begun = Date.now();
      assert.equal(await probed({ servers }), 'CLUSTER_FAILED.unreachable');
      assert.ok(Date.now() - begun < 13_000);
      assert.equal(closed.length, 9);
      await Promise.all(closed);
      await silent.close();
    });
  });

  it('skips the lines where the login is refused, and tries the socket all the same', async () => {
    simulator.faults.answerWith('login', { status: 401, body: {} });
    assert.deepEqual(await check(), { login: 'LOGIN_REFUSED.credentials', lines: 'skipped', socket: 'ok' });
    assert.equal(asked('/v1/licenses'), 0);
  });

  it('tells the lines apart from the login', async () => {
    simulator.faults.answerWith('lines', { status: 403, body: { error: { code: 'ApiForbiddenError' } } });
    assert.deepEqual(await check(), { login: 'ok', lines: 'API_FAILED.refused', socket: 'ok' });
  });

  it('takes no other server for ChatApp', async () => {
    simulator.faults.answerWith('check', { status: 200, body: '{}' });
    const { accessToken } = simulator.account;
    const { login } = await check({ credentials: { kind: 'token', accessToken } });
    assert.equal(login, 'API_FAILED.unreadable');
  });

  const HANDSHAKES = [
    ['CONNECTION_REFUSED.appKey', { error: 4001, closes: true }],
    ['CONNECTION_REFUSED.address', { status: 404 }],
    ['CONNECTION_LOST.outage', { status: 503 }],
  ] as const;
  for (const [name, reception] of HANDSHAKES) {
    it(`tells a socket that is refused with ${JSON.stringify(reception)} as a connection would`, async () => {
      simulator.faults.receiveWith(reception);
      assert.deepEqual(await check(), { login: 'ok', lines: 'ok', socket: name });
    });
  }

  it('tells a network that is dead, by the hosts that cannot be reached', async () => {
    await simulator.faults.down();
    const { steps, end } = begin();
    await end;
    assert.deepEqual(inShort(steps), {
      login: 'API_FAILED.unreachable',
      lines: 'skipped',
      socket: 'CONNECTION_LOST.outage',
    });
    const hosts = [simulator.url, simulator.socketUrl].map((url) => new URL(url).host);
    const reported = steps.flatMap(({ error }) => (error ? [error.params.host] : []));
    assert.deepEqual(reported.sort(), hosts.sort());
  });

  it('tells the socket while the login still goes on', async () => {
    simulator.faults.answerWith('login', 'hang');
    const { steps, end } = begin({ clock: new FakeClock() });
    await until(() => simulator.connections === 1 && asked('/v1/tokens') === 1 && simulator.sockets === 0);
    assert.deepEqual(inShort(steps), { socket: 'ok' });
    await open[0]?.close();
    await end;
  });

  it('tells login and lines while the socket still goes on, and gives it 10 s', async () => {
    simulator.faults.receiveWith('silence');
    const clock = new FakeClock();
    const { steps, end } = begin({ clock });
    await until(() => simulator.faults.received === 1 && simulator.requestsTo('/v1/licenses')[0]?.status === 200);
    await settled(() => steps.length === 2);
    assert.deepEqual(inShort(steps), { login: 'ok', lines: 'ok' });
    await clock.pass(9_999);
    assert.equal(steps.length, 2);
    await clock.pass(1);
    await end;
    const [, , socket] = steps;
    assert.equal(socket?.error?.params.status, 'no handshake');
  });

  it('is over within 14 s, whatever hangs', async () => {
    simulator.faults.answerWith('login', 'hang');
    for (const [path, part] of [
      ['/v1/tokens/check', 'check'],
      ['/v1/licenses', 'lines'],
    ] as const) {
      simulator.faults.answerWith(part, 'hang');
      const { accessToken } = simulator.account;
      const clock = new FakeClock();
      const { steps, end } = begin({ clock, sessions: new Sessions(), credentials: { kind: 'token', accessToken } });
      await until(() => asked(path) === 1);
      await settled(() => steps.some(({ step }) => step === 'socket'));
      await clock.pass(10_500);
      await until(() => asked(path) === 2);
      await clock.pass(3_499);
      const before = steps.length;
      await clock.pass(1);
      await end;
      assert.ok(steps.length > before);
      const step = part === 'check' ? 'login' : 'lines';
      const error = steps.find((one) => one.step === step)?.error;
      assert.deepEqual([error && nameOf(error), error?.params.seconds], ['API_FAILED.timeout', 14]);
      assert.equal(inShort(steps).lines, part === 'check' ? 'skipped' : 'API_FAILED.timeout');
      assert.equal(clock.pending, 1, 'nothing but the request that still hangs');
      simulator.faults.answerWith(part, undefined);
    }
  });

  it('asks again what was refused a moment ago', async () => {
    simulator.faults.answerWith('login', { status: 401, body: {} });
    const running = opened();
    assert.equal(await codeOf(running.readLines()), 'LOGIN_REFUSED.credentials');
    simulator.faults.answerWith('login', undefined);
    assert.equal(await codeOf(running.readLines()), 'LOGIN_REFUSED.credentials');
    assert.equal((await check()).login, 'ok');
    assert.equal((await running.readLines()).length, 2);
  });

  it('asks for no token while the quota is spent, be it known from a session that is gone', async () => {
    simulator.faults.answerWith('login', { status: 429, body: {} });
    for (let turn = 0; turn < 3; turn += 1) {
      assert.equal((await check()).login, 'TOKEN_QUOTA.tokens');
      await open[turn]?.close();
    }
    assert.equal(asked('/v1/tokens'), 1);
  });

  it('ends when nobody waits for it any more: nothing is reported, begun or left open', async () => {
    simulator.faults.answerWith('check', { delayMs: 300 });
    simulator.faults.receiveWith('silence');
    const gone = new AbortController();
    const { steps, end } = begin({}, gone.signal);
    await until(() => asked('/v1/tokens/check') === 1 && simulator.faults.received === 1);
    gone.abort();
    await end;
    await until(() => simulator.requestsTo('/v1/tokens/check')[0]?.status === 200);
    assert.deepEqual(steps, []);
    assert.equal(asked('/v1/licenses'), 0);
  });

  it('is not even begun for someone who has left', async () => {
    const { steps, end } = begin({}, AbortSignal.abort());
    await end;
    assert.deepEqual([steps, simulator.requests, simulator.connections], [[], [], 0]);
  });
});

/** Each step with its outcome, or with what failed. */
function inShort(steps: readonly CheckStep[]): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, outcome, error }) => [step, error ? nameOf(error) : outcome]));
}

/** Resolves once `holds`; the simulator has nothing to tell meanwhile. */
async function settled(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(WAIT_LIMIT);
  while (!holds()) {
    limit.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
