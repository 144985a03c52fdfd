import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause, systemClock, type Clock } from '../../src/clock';
import type { NatsClientOptions } from '../../src/cluster/nats-client';
import { ClusterNames } from '../../src/cluster/names';
import type { ClusterSettings } from '../../src/cluster/settings';
import { makeCertificate } from '../support/certificate';
import { ClientSpy } from '../support/client-spy';
import { scaledClock } from '../support/scaled-clock';
import { DOCUMENTED_PERMISSIONS, startNats, type Nats } from '../support/nats';
import { SilencingProxy } from '../support/silencing-proxy';

const NAMES = new ClusterNames('connection', '7001');
const FAST = scaledClock(20);
const LOGIN = { kind: 'user', user: 'olga', password: 'secret' } as const;
/** In ns. */
const HOUR = 3_600 * 1e9;

describe('the client of NATS', () => {
  let nats: Nats;
  const opened: ClientSpy[] = [];
  const open = (
    settings: Partial<ClusterSettings> = {},
    clock?: Clock,
    more?: Partial<NatsClientOptions>,
  ): ClientSpy => {
    const spy = new ClientSpy({ servers: nats.servers, ...settings }, clock, more);
    opened.push(spy);
    return spy;
  };
  /** Starts NATS; skips the test if there is none on this machine. */
  async function start(this: Mocha.Context, options: Parameters<typeof startNats>[0] = {}): Promise<void> {
    const started = await startNats(options);
    if (!started) {
      console.log('      no nats-server on this machine');
      this.skip();
    }
    nats = started;
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ client }) => client.close()));
    await nats.end();
  });

  it('makes stream and bucket once, however many instances start at the same time', async function () {
    await start.call(this);
    const all = await Promise.all(Array.from({ length: 8 }, () => open().client.ready()));
    for (const { kv } of all) await kv.put('key', 'text');
    const { manager } = await open().client.ready();
    const { config } = await manager.streams.info(NAMES.stream);
    assert.deepEqual(
      [config.subjects, config.retention, config.storage, config.num_replicas, config.max_age, config.discard],
      [[NAMES.all], 'limits', 'file', 1, 24 * HOUR, 'old'],
    );
    assert.deepEqual([config.duplicate_window, config.allow_rollup_hdrs], [120e9, true]);
    for (const { kinds, errors } of opened) assert.deepEqual([kinds, errors], [['connecting', 'ready'], []]);
  });

  it('lets the first instance decide how many partitions there are', async function () {
    await start.call(this);
    const first = await open({ partitions: 64 }).client.ready();
    const second = await open({ partitions: 4 }).client.ready();
    assert.deepEqual([first.partitions, second.partitions], [64, 64]);
    await second.manager.streams.delete(`KV_${NAMES.bucket}`);
    while (!(await second.kv.get('settings').catch(() => null))) await pause(systemClock, 50);
    assert.equal((await open({ partitions: 4 }).client.ready()).partitions, 64, 'the bucket was made again');
  });

  it('reports settings in the bucket that it cannot read, and goes on once they are deleted', async function () {
    await start.call(this);
    const { kv } = await open().client.ready();
    await kv.put('settings', '{"partitions":0}');
    const spy = open();
    await spy.until(({ errors }) => errors.length > 0);
    assert.deepEqual(spy.codes, ['CLUSTER_FAILED.unreadable']);
    assert.match(spy.errors[0]?.message ?? '', /The value settings in the bucket chatapp-2-\w+ of NATS at/);
    await kv.delete('settings');
    assert.equal((await spy.client.ready()).partitions, 16);
  });

  it('waits for a NATS that starts later', async function () {
    await start.call(this);
    await nats.kill();
    const spy = open();
    await spy.until(({ lines }) => lines.length > 0);
    const ready = spy.client.ready();
    await nats.start();
    await (await ready).kv.put('key', 'text');
    assert.deepEqual([spy.kinds, spy.errors], [['connecting', 'ready'], []]);
  });

  it('connects again after each outage, with the same object', async function () {
    await start.call(this);
    const spy = open();
    const first = await spy.client.ready();
    await first.kv.put('key', 'text');
    for (const count of [1, 2]) {
      await nats.kill();
      await spy.until(({ kinds }) => kinds.filter((kind) => kind === 'lost').length === count);
      const waiting = [spy.client.ready(), spy.client.tokens()] as const;
      await nats.start();
      assert.equal(await waiting[0], first);
      await waiting[1];
      assert.equal((await first.kv.get('key'))?.string(), 'text');
    }
    assert.deepEqual(spy.kinds, ['connecting', 'ready', 'lost', 'ready', 'lost', 'ready']);
    assert.deepEqual(spy.errors, []);
  });

  it('notices within 5.5 s that a server does not answer any more', async function () {
    await start.call(this);
    const proxy = await SilencingProxy.start(Number(new URL(nats.servers[0] ?? '').port));
    try {
      const spy = open({ servers: [`nats://127.0.0.1:${proxy.port}`] });
      await spy.client.ready();
      proxy.isSilent = true;
      // On a busy machine this timer lags as much as the client's.
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 100);
      await spy.until(({ kinds }) => kinds.includes('lost')).finally(() => clearInterval(timer));
      assert.ok(ticks < 55, `${ticks * 100} ms`);
      proxy.isSilent = false;
      await spy.client.ready();
      await spy.client.close();
    } finally {
      await proxy.close();
    }
  });

  it('leaves no socket open to servers that accept and never greet, before and after it was connected', async function () {
    await start.call(this);
    const proxy = await SilencingProxy.start(Number(new URL(nats.servers[0] ?? '').port));
    try {
      const servers = [`nats://127.0.0.1:${proxy.port}`];
      proxy.isSilent = true;
      const first = open({ servers });
      await proxy.until((sockets) => sockets >= 2);
      await first.client.close();
      await proxy.until((_, openSockets) => openSockets === 0);
      proxy.isSilent = false;
      const second = open({ servers });
      await second.client.ready();
      proxy.isSilent = true;
      proxy.cut();
      const before = proxy.accepted;
      await proxy.until((sockets) => sockets > before);
      await second.client.close();
      await proxy.until((_, openSockets) => openSockets === 0);
    } finally {
      await proxy.close();
    }
  });

  it('takes servers without a majority for an outage, though one of them answers', async function () {
    await start.call(this, { servers: 3 });
    const spy = open({ replicas: 3 });
    const { kv, connection } = await spy.client.ready();
    await kv.put('key', 'text');
    const others = nats.servers.flatMap((server, index) => (server.endsWith(`:${connection.info?.port}`) ? [] : index));
    assert.equal(others.length, 2);
    const begun = performance.now();
    for (const index of others) await nats.kill(index);
    await spy.until(({ errors }) => errors.length > 0);
    assert.ok(performance.now() - begun < 20_000, `${performance.now() - begun} ms`);
    for (const index of others) await nats.start(index);
    await spy.client.ready();
    assert.equal((await kv.get('key'))?.string(), 'text');
    assert.deepEqual(spy.codes, ['CLUSTER_FAILED.unreachable']);
  });

  it('reports an outage once, when it has lasted for 15 s, and the next one again', async function () {
    await start.call(this);
    const spy = open({}, FAST);
    await spy.client.ready();
    for (const count of [1, 2]) {
      const begun = FAST.monotonic();
      await nats.kill();
      await spy.until(({ errors }) => errors.length === count);
      const took = FAST.monotonic() - begun;
      assert.ok(took > 9_000 && took < 20_000, `${took} ms`);
      await pause(FAST, 30_000);
      await nats.start();
      await spy.client.ready();
    }
    assert.deepEqual(spy.codes, ['CLUSTER_FAILED.unreachable', 'CLUSTER_FAILED.unreachable']);
    assert.match(spy.errors[0]?.message ?? '', /NATS at 127\.0\.0\.1:\d+ cannot be reached since 20\d\d-/);
  });

  it('makes stream and buckets again that somebody has deleted while it runs', async function () {
    await start.call(this);
    const spy = open({}, FAST);
    const { manager } = await spy.client.ready();
    const names = (await manager.streams.list().next()).map(({ config }) => config.name);
    assert.equal(names.length, 3);
    for (const name of names) await manager.streams.delete(name);
    for (const name of names) {
      while (!(await manager.streams.info(name).catch(() => undefined))) await pause(systemClock, 20);
    }
    assert.deepEqual(spy.errors, []);
  });

  it('keeps events for the longest time that an instance wants, until the leader sets it', async function () {
    await start.call(this);
    const { manager } = await open({ keepHours: 24 }).client.ready();
    const maxAge = async (): Promise<number> => (await manager.streams.info(NAMES.stream)).config.max_age / HOUR;
    const short = open({ keepHours: 1 });
    await short.client.ready();
    assert.equal(await maxAge(), 24);
    await open({ keepHours: 48 }).client.ready();
    assert.equal(await maxAge(), 48);
    await short.client.setKeepHours(1);
    assert.equal(await maxAge(), 1);
  });

  it('needs no other permissions than those that the documents name', async function () {
    await start.call(this, { settings: permissions(DOCUMENTED_PERMISSIONS, 'both') });
    const spy = open({ login: LOGIN });
    const { kv, js, manager } = await spy.client.ready();
    await kv.put('key', 'text');
    await js.publish(NAMES.events('listener', 0), 'event');
    await manager.consumers.add(NAMES.stream, { durable_name: 'durable', ack_policy: 'explicit' });
    const message = await (await js.consumers.get(NAMES.stream, 'durable')).next();
    assert.equal(await message?.ackAck(), true);
    await spy.client.setKeepHours(48);
    await pause(systemClock, 6_000);
    assert.deepEqual([spy.kinds, spy.errors], [['connecting', 'ready'], []]);
  });

  describe('the account', () => {
    it('is asked for until ChatApp answers; the tokens do not wait for it', async function () {
      await start.call(this);
      let asked = 0;
      const findAccount = (): Promise<string | undefined> => Promise.resolve((asked += 1) < 3 ? undefined : '7001');
      const spy = open({}, FAST, { findAccount });
      await spy.client.tokens();
      assert.equal((await spy.client.ready()).names.stream, NAMES.stream);
      assert.deepEqual([asked, spy.errors], [3, []]);
    });

    it('is remembered for a start while ChatApp does not answer, but not for other credentials', async function () {
      await start.call(this);
      await open().client.ready();
      const findAccount = (): Promise<undefined> => new Promise(() => undefined);
      const again = open({}, FAST, { findAccount });
      assert.equal((await again.client.ready()).names.stream, NAMES.stream);
      const other = open({}, FAST, { findAccount, credentialsName: 'fedcba9876543210' });
      await other.client.tokens();
      await pause(FAST, 90_000);
      assert.deepEqual([other.client.state.kind, other.errors], ['connecting', []]);
    });

    it('makes it ask for the app id, once, if a pasted token has none and ChatApp does not say whose it is', async function () {
      await start.call(this);
      const spy = open({}, FAST, { findAccount: () => Promise.resolve(undefined), isAppIdMissing: true });
      await spy.until(({ errors }) => errors.length > 0);
      await pause(FAST, 60_000);
      assert.deepEqual(spy.codes, ['CONFIG_INVALID.missing']);
      assert.equal(spy.errors[0]?.params.field, 'appId');
    });

    it('of another id gets a stream and a bucket of its own', async function () {
      await start.call(this);
      const one = await open().client.ready();
      const other = await open({}, FAST, { findAccount: () => Promise.resolve('7002') }).client.ready();
      assert.notEqual(one.names.stream, other.names.stream);
      await one.kv.put('key', 'text');
      assert.equal(await other.kv.get('key'), null);
    });
  });

  describe('reports within 20 s, once, and is ready again once it is fixed:', () => {
    /** Resolves with the message of the only error. */
    async function reported(spy: ClientSpy, code: string): Promise<string> {
      const begun = performance.now();
      await spy.until(({ errors }) => errors.length > 0);
      assert.ok(performance.now() - begun < 20_000, `${performance.now() - begun} ms`);
      assert.notEqual(spy.client.state.kind, 'ready');
      // Checks and reports go on meanwhile.
      await pause(systemClock, 3_000);
      assert.deepEqual(spy.codes, [code]);
      return spy.errors[0]?.message ?? '';
    }

    it('storage that is full', async function () {
      await start.call(this, { jetStream: 'max_file_store: 1MB' });
      const spy = open();
      const { js, manager } = await spy.client.ready();
      await assert.rejects(async () => {
        for (;;) await js.publish(NAMES.events('listener', 0), Buffer.alloc(1_000));
      }, /insufficient resources/);
      const message = await reported(spy, 'CLUSTER_FAILED.full');
      assert.match(message, /no room left \(error 10023\)\. Give its JetStream more storage/);
      await manager.streams.purge(NAMES.stream);
      await spy.until(({ kinds }) => kinds.at(-1) === 'ready');
    });

    it('what somebody else could not write, though the checks find nothing', async function () {
      await start.call(this, { settings: permissions('deny: "$JS.API.CONSUMER.CREATE.>"') });
      const spy = open({ login: LOGIN });
      const { manager, names } = await spy.client.ready();
      const add = (): Promise<unknown> =>
        manager.consumers
          .add(names.stream, { durable_name: 'd', ack_policy: 'explicit' })
          .catch((error: unknown) => spy.client.reportFailure(error));
      await add();
      const repeating = setInterval(() => void add(), 2_000);
      const message = await reported(spy, 'CLUSTER_FAILED.denied').finally(() => clearInterval(repeating));
      assert.match(message, /use \$JS\.API\.CONSUMER\.CREATE\.chatapp-2-\w+\.d\. Give the user/);
      await spy.until(({ kinds }) => kinds.at(-1) === 'ready');
    });

    for (const [what, denied, subject] of [
      ['publish events', 'publish: { deny: "chatapp-2.>" }', /chatapp-2\.\w+\.health/],
      [
        'use the API of JetStream',
        'publish: { deny: "$JS.API.>" }',
        /\$JS\.API\.STREAM\.INFO\.KV_chatapp-2-tokens-\w+/,
      ],
      ['write into buckets', 'publish: { deny: "$KV.>" }', /\$KV\.chatapp-2-[\w.-]+/],
      [
        'fetch',
        'publish: { deny: "$JS.API.CONSUMER.MSG.NEXT.>" }',
        /\$JS\.API\.CONSUMER\.MSG\.NEXT\.chatapp-2-\w+\.health/,
      ],
      ['acknowledge', 'publish: { deny: "$JS.ACK.>" }', /\$JS\.ACK\.chatapp-2-\w+\.health\.1\.1\.1\.1\.0/],
      ['receive answers', 'subscribe: { deny: "_INBOX.>" }', /_INBOX\.>/],
    ] as const) {
      it(`no permission to ${what}`, async function () {
        await start.call(this, { settings: permissions(denied, 'both') });
        const spy = open({ login: LOGIN });
        const message = await reported(spy, 'CLUSTER_FAILED.denied');
        assert.match(message, new RegExp(`does not let its user use ${subject.source}\\. Give the user`));
        await nats.kill();
        await nats.configure(permissions('allow: ">"'));
        await nats.start();
        await spy.client.ready();
      });
    }

    it('no JetStream in the account', async function () {
      await start.call(this, { settings: 'accounts { A { users: [{ user: olga, password: secret }] } }' });
      await reported(open({ login: LOGIN }), 'CLUSTER_FAILED.noJetStream');
    });

    it('no JetStream on the server', async function () {
      await start.call(this, { jetStream: 'none' });
      await reported(open(), 'CLUSTER_FAILED.noJetStream');
    });

    it('as many streams as the account may have', async function () {
      const limits = 'jetstream: { max_streams: 2 }';
      await start.call(this, { settings: `accounts { A { ${limits}, users: [{ user: olga, password: secret }] } }` });
      assert.match(await reported(open({ login: LOGIN }), 'CLUSTER_FAILED.limits'), /error 10027/);
    });

    it('more replicas than there are servers', async function () {
      await start.call(this);
      assert.match(await reported(open({ replicas: 3 }), 'CLUSTER_FAILED.replicas'), /error 10074/);
    });

    it('a login that is refused, without a secret, and it is accepted later', async function () {
      const other = 'authorization { user: olga, password: marked-other }';
      await start.call(this, { settings: other });
      const [server = ''] = nats.servers;
      const wrong = [
        open({ login: { kind: 'user', user: 'olga', password: 'marked-right' } }),
        open({ login: { kind: 'token', token: 'marked-token' } }),
        open({ servers: [server.replace('://', '://olga:marked-12:34@')] }),
      ];
      for (const spy of wrong) {
        const message = await reported(spy, 'CLUSTER_FAILED.refused');
        assert.match(message, /NATS at 127\.0\.0\.1:\d+ refuses the login \(AUTHORIZATION_VIOLATION/);
        assert.doesNotMatch(spy.text, /marked|olga/);
      }
      const right = 'authorization { user: olga, password: marked-right }';
      const [spy] = wrong;
      for (const settings of [right, other, right]) {
        await nats.kill();
        await nats.configure(settings);
        await nats.start();
        if (settings === right) await spy?.client.ready();
        else await spy?.until(({ codes }) => codes.length === 2);
      }
      assert.deepEqual(spy?.codes, ['CLUSTER_FAILED.refused', 'CLUSTER_FAILED.refused']);
      assert.doesNotMatch(spy.text, /marked|olga/);
    });

    it('a creds file that cannot be read', async function () {
      await start.call(this);
      const spy = open({ login: { kind: 'creds', file: join(tmpdir(), 'there-is-none.creds') } });
      assert.match(await reported(spy, 'CLUSTER_FAILED.refused'), /ENOENT/);
      assert.doesNotMatch(spy.text, /there-is-none/);
    });
  });

  it('trusts the authority that it is given, and no other', async function () {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-tls-'));
    try {
      const { ca, cert, key } = makeCertificate();
      await writeFile(join(folder, 'cert'), cert);
      await writeFile(join(folder, 'key'), key);
      const settings = `tls { cert_file: "${join(folder, 'cert')}", key_file: "${join(folder, 'key')}" }`;
      await start.call(this, { settings });
      const servers = nats.servers.map((server) => server.replace('nats:', 'tls:'));
      const { connection } = await open({ servers, tls: { ca: Buffer.from(ca) } }).client.ready();
      assert.equal(connection.info?.tls_required, true);
      await open({ tls: { rejectUnauthorized: false } }).client.ready();
      const suspicious = open({ servers }, FAST);
      await suspicious.until(({ errors }) => errors.length > 0);
      assert.match(suspicious.errors[0]?.message ?? '', /SELF_SIGNED|UNABLE_TO_VERIFY/);
      const elsewhere = open({ servers, tls: { ca, servername: 'elsewhere.test' } }, FAST);
      await elsewhere.until(({ errors }) => errors.length > 0);
      assert.match(elsewhere.errors[0]?.message ?? '', /ALTNAME/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('rejects pending requests when it is closed, and reports no state after that', async function () {
    await start.call(this);
    await nats.kill();
    const spy = open();
    const waiting = [spy.client.ready(), spy.client.tokens()].map((one) => assert.rejects(one, /is closed/));
    await spy.client.close();
    await Promise.all(waiting);
    await assert.rejects(spy.client.ready(), /is closed/);
    const { length } = spy.states;
    await nats.start();
    await open().client.ready();
    assert.equal(spy.states.length, length);
  });
});

/** One user; `rule` is its permission to publish, or all of its permissions. */
function permissions(rule: string, of: 'publish' | 'both' = 'publish'): string {
  const all = of === 'both' ? rule : `publish: { ${rule} }`;
  return `authorization { users: [{ user: olga, password: secret, permissions: { ${all} } }] }`;
}
