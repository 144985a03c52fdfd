import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { startSimulator, type Simulator } from '../../simulator';
import { channelName } from '../../src/events';
import { createConnection, type Connection } from '../../src/connection';
import type { ChatAppError } from '../../src/errors';
import type { Delivery } from '../../src/inbox/delivery';
import type { Listener } from '../../src/inbox/listener';
import type { Status } from '../../src/status';
import { Changes } from '../support/changes';
import { ACCOUNT } from '../support/connection-stage';
import { nameOf } from '../support/errors';
import { FarPort } from '../support/far-port';
import { startNats, type Nats } from '../support/nats';
import { TcpProxy } from '../support/tcp-proxy';

const LINE = { licenseId: '50718', messengerType: 'grWhatsApp' } as const;

/** One of several copies of a flow with a single listener. */
class Copy {
  readonly deliveries: Delivery[] = [];
  readonly errors: string[] = [];
  readonly log: string[] = [];
  status: Status | undefined;
  readonly connection: Connection;

  constructor(
    private readonly changes: Changes,
    simulator: Simulator,
    nats: Pick<Nats, 'servers'>,
    more: Partial<Listener> = {},
    socketUrl = simulator.socketUrl,
  ) {
    const { email, password, appId } = simulator.account;
    const write = (line: string): void => {
      this.log.push(line);
      changes.happened();
    };
    this.connection = createConnection({
      credentials: { kind: 'account', email, password, appId },
      apiUrl: simulator.url,
      socketUrl,
      cluster: { servers: nats.servers },
      log: { debug: write, info: write, warn: write },
      onError: (error) => this.#onError(error),
    });
    this.connection.listen({
      id: 'all-messages',
      channel: { type: 'messenger', ...LINE },
      events: ['message'],
      direction: 'any',
      onItem: (delivery) => {
        this.deliveries.push(delivery);
        changes.happened();
      },
      onStatus: (status) => {
        this.status = status;
        changes.happened();
      },
      onError: (error) => this.#onError(error),
      ...more,
    });
  }

  get messages(): string[] {
    return this.deliveries.map(({ messageId = '' }) => messageId);
  }

  #onError(error: ChatAppError): void {
    this.errors.push(nameOf(error));
    this.changes.happened();
  }
}

describe('several copies on one account', () => {
  let simulator: Simulator;
  let nats: Nats;
  let isThere = false;
  let copies: Copy[];
  const changes = new Changes();

  const start = (more?: Partial<Listener>, socketUrl?: string): Copy => {
    const copy = new Copy(changes, simulator, nats, more, socketUrl);
    copies.push(copy);
    return copy;
  };
  const say = (count: number, name: string): string[] =>
    Array.from(
      { length: count },
      (_, at) => simulator.message({ ...LINE, chatId: `chat-${at % 5}@c.us`, text: `${name} ${at}` }).id,
    );
  const state = (): unknown =>
    copies.map(({ status, messages, errors, log }) => [status, messages.length, errors, log]);
  const handled = (): string[] => copies.flatMap(({ messages }) => messages);

  before(async function () {
    const started = await startNats();
    if (!started) {
      console.log('      no nats-server: install it, or name it in NATS_SERVER');
      return this.skip();
    }
    nats = started;
    isThere = true;
  });
  beforeEach(async () => {
    simulator = await startSimulator({ account: ACCOUNT });
    copies = [];
  });
  afterEach(async () => {
    for (const { connection } of copies) await connection.close();
    await simulator.close();
  });
  after(async () => {
    if (isThere) await nats.end();
  });

  it('handles each message once, shares the work, and logs in once', async () => {
    const [one, other] = [start(), start()];
    await changes.until(() => [one, other].every(({ status }) => isAtWork(status)), state);
    const sent = say(200, 'shared');
    await changes.until(() => handled().length >= 200, state);
    assert.deepEqual(handled().toSorted(), sent.toSorted());
    assert.ok(one.messages.length > 0 && other.messages.length > 0, 'both have done some');
    await changes.until(() => [one, other].some(({ status }) => status?.kind === 'leading'), state);
    assert.deepEqual([one.status?.kind, other.status?.kind].toSorted(), ['leading', 'standingBy']);
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
    assert.deepEqual([...one.errors, ...other.errors], []);
  });

  it('goes on with the others, and loses nothing, when the one that leads leaves', async () => {
    const all = [start(), start(), start()];
    await changes.until(() => all.every(({ status }) => isAtWork(status)), state);
    await changes.until(() => all.some(({ status }) => status?.kind === 'leading'), state);
    const sent = say(50, 'before');
    const leader = all.find(({ status }) => status?.kind === 'leading');
    assert.ok(leader);
    const closed = leader.connection.close();
    sent.push(...say(50, 'meanwhile'));
    await closed;
    const others = all.filter((copy) => copy !== leader);
    await changes.until(() => others.some(({ status }) => status?.kind === 'leading'), state);
    sent.push(...say(50, 'after'));
    await changes.until(() => handled().length >= sent.length, state);
    assert.deepEqual(handled().toSorted(), sent.toSorted());
  });

  it('says since when NATS is away, and delivers what came meanwhile, once and in order', async () => {
    const [one, other] = [start(), start()];
    await changes.until(() => [one, other].every(({ status }) => isAtWork(status)), state);
    await nats.kill();
    await changes.until(() => [one, other].every(({ status }) => status?.kind === 'clusterLost'), state);
    const sent = say(50, 'while NATS is away');
    await nats.start();
    await changes.until(() => handled().length >= sent.length, state);
    assert.deepEqual(handled().toSorted(), sent.toSorted());
    await changes.until(() => [one, other].every(({ status }) => isAtWork(status)), state);
  });

  it('ends in good time while NATS is away', async () => {
    const copy = start();
    await changes.until(() => copy.status?.kind === 'leading', state);
    say(5, 'last words');
    await nats.kill();
    const before = Date.now();
    await Promise.all([copy.connection.flush(), copy.connection.close()]);
    assert.ok(Date.now() - before < 12_000, 'Node-RED waits 15 s for a node');
    await nats.start();
  });

  it('lets another copy receive where the one that leads hears nothing any more', async () => {
    const { port } = new URL(simulator.socketUrl);
    const proxy = await TcpProxy.start(Number(port));
    try {
      const deaf = start({}, `ws://127.0.0.1:${proxy.port}`);
      await changes.until(() => deaf.status?.kind === 'leading', state);
      const other = start();
      await changes.until(() => other.status?.kind === 'standingBy', state);
      await proxy.down();
      const sent = say(30, 'unheard');
      await changes.until(() => other.status?.kind === 'leading', state);
      sent.push(...say(30, 'heard'));
      await changes.until(() => handled().length >= sent.length, state);
      assert.deepEqual(handled().toSorted(), sent.toSorted());
    } finally {
      await proxy.down();
    }
  });

  it('hears for a listener that only another copy has', async () => {
    const one = start();
    await changes.until(() => one.status?.kind === 'leading', state);
    const other = start({ id: 'system-messages', events: ['messageSystem'] });
    await changes.until(() => isAtWork(other.status), state);
    await changes.until(() => one.log.length > 0, state);
    const sent = say(20, 'for the one');
    await changes.until(() => one.messages.length >= sent.length, state);
    assert.deepEqual(other.messages, []);
    assert.deepEqual(one.messages.toSorted(), sent.toSorted());
  });

  it('tells of trouble with events in the log where only another copy has their listener', async () => {
    const one = start();
    await changes.until(() => one.status?.kind === 'leading', state);
    const line = { type: 'messenger', licenseId: LINE.licenseId, messengerType: 'telegram' } as const;
    const other = start({ id: 'telegram', channel: line });
    await changes.until(() => isAtWork(other.status), state);
    // One for each copy: the one that leads hears for the listener of the other one.
    await simulator.until(() => simulator.subscriptions(channelName(line)) === 2);
    simulator.announce(channelName(line), 'message', { data: ['no item'], meta: {} });
    await changes.until(() => one.log.some((text) => text.includes('listener telegram of another copy')), state);
    assert.match(one.log.join('\n'), /"message" on .*telegram could not be read/);
    assert.deepEqual([...one.errors, ...other.errors], []);
  });

  it('tries again what a flow could not do, and says that it does', async () => {
    const attempts: (number | undefined)[] = [];
    const copy = start({
      id: 'with.dots.1',
      ack: 'done',
      onItem: ({ attempt, deliveryToken = '' }) => {
        attempts.push(attempt);
        copy.connection.settle(deliveryToken, attempt === 1 ? 'failed' : 'done');
        changes.happened();
      },
    });
    await changes.until(() => isAtWork(copy.status), state);
    say(1, 'difficult');
    await changes.until(() => attempts.length === 2, state);
    assert.deepEqual(attempts, [1, 2]);
    assert.equal(copy.connection.settle('nobody.1.1', 'done'), false);
  });

  it('refuses a listener that has no name of its own, and webhooks', () => {
    const copy = start();
    const { id: _, ...nameless } = {
      id: '',
      channel: { type: 'messenger', ...LINE },
      events: [],
      direction: 'any',
    } as const;
    const told = { onItem: () => undefined, onStatus: () => undefined, onError: () => undefined };
    assert.throws(() => copy.connection.listen({ ...nameless, ...told }), RangeError);
    const { url: apiUrl, socketUrl } = simulator;
    const credentials = { kind: 'token', accessToken: 'x' } as const;
    const cluster = { servers: nats.servers };
    const more = { receive: 'both', callbackUrl: 'https://flows.example.com/', onError: () => undefined } as const;
    assert.throws(() => createConnection({ credentials, apiUrl, socketUrl, cluster, ...more }), /several copies/i);
  });
});

describe('an instance whose NATS has never answered', () => {
  it('closes without an unhandled rejection, which would end Node-RED', async () => {
    const simulator = await startSimulator({ account: ACCOUNT });
    const silent = new FarPort(createServer);
    await silent.open();
    await silent.close();
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.prependListener('unhandledRejection', note);
    const instance = new Copy(new Changes(), simulator, { servers: [`nats://127.0.0.1:${silent.number}`] });
    await instance.connection.close();
    await simulator.close();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(rejections, []);
  });
});

function isAtWork(status: Status | undefined): boolean {
  return status?.kind === 'leading' || status?.kind === 'standingBy';
}
