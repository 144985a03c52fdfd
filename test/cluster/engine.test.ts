import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause, systemClock, type Clock } from '../../src/clock';
import { Engine, type EngineState } from '../../src/cluster/engine';
import { ClusterNames } from '../../src/cluster/names';
import type { ClusterSettings } from '../../src/cluster/settings';
import type { ChatAppError } from '../../src/errors';
import { makeCertificate } from '../support/certificate';
import { nameOf } from '../support/errors';
import { FarPort } from '../support/far-port';
import { hastyClock } from '../support/hasty-clock';
import { startNats, type Nats } from '../support/nats';

const NAMES = new ClusterNames('connection', 'account');
const HASTY = hastyClock(20);

/** An engine and what it told. */
class Told {
  readonly states: EngineState[] = [];
  readonly errors: ChatAppError[] = [];
  readonly lines: string[] = [];
  readonly engine: Engine;
  #changed: () => void = () => undefined;

  constructor(settings: ClusterSettings, clock: Clock = systemClock) {
    const write = (line: string): void => void this.lines.push(line);
    this.engine = new Engine({
      settings,
      names: NAMES,
      clock,
      log: { debug: write, info: write, warn: write },
      onState: (state) => {
        this.states.push(state);
        this.#changed();
      },
      onError: (error) => {
        this.errors.push(error);
        this.#changed();
      },
    });
    this.engine.start();
  }

  get kinds(): string[] {
    return this.states.map(({ kind }) => kind);
  }

  /** Resolves once it has told what `isThere` looks for. */
  async until(isThere: (told: Told) => boolean): Promise<void> {
    while (!isThere(this)) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  get words(): string {
    return JSON.stringify([this.lines, this.states, this.errors.map(({ message, params }) => [message, params])]);
  }
}

describe('the engine', () => {
  let nats: Nats;
  const opened: Told[] = [];
  const open = (settings: Partial<ClusterSettings> = {}, clock?: Clock): Told => {
    const told = new Told({ servers: nats.servers, ...settings }, clock);
    opened.push(told);
    return told;
  };
  /** Starts NATS; false where there is none on this machine. */
  async function start(this: Mocha.Context, options: Parameters<typeof startNats>[0] = {}): Promise<void> {
    const started = await startNats(options);
    if (!started) {
      console.log('      no nats-server on this machine');
      this.skip();
    }
    nats = started;
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ engine }) => engine.close()));
    await nats.end();
  });

  it('makes the stream and the bucket, however many copies start at once', async function () {
    await start.call(this);
    const engines = await Promise.all(Array.from({ length: 8 }, () => open().engine.ready()));
    for (const { bucket } of engines) await bucket.put('key', 'text');
    const { manager } = await open().engine.ready();
    const { config } = await manager.streams.info(NAMES.stream);
    assert.deepEqual(
      [config.subjects, config.retention, config.storage, config.num_replicas, config.max_age, config.discard],
      [[NAMES.all], 'limits', 'file', 1, 24 * 3_600 * 1e9, 'old'],
    );
    assert.equal(config.duplicate_window, 120e9);
    for (const { kinds, errors } of opened) assert.deepEqual([kinds, errors], [['connecting', 'ready'], []]);
  });

  it('waits for a NATS that comes later', async function () {
    await start.call(this);
    await nats.kill();
    const told = open();
    await told.until(({ lines }) => lines.length === 0);
    const ready = told.engine.ready();
    await nats.start();
    await (await ready).bucket.put('key', 'text');
    assert.deepEqual([told.kinds, told.errors], [['connecting', 'ready'], []]);
  });

  it('reaches it again after each outage, with what was there, and asks those who wait for it to wait', async function () {
    await start.call(this);
    const told = open();
    const first = await told.engine.ready();
    await first.bucket.put('key', 'text');
    for (const count of [1, 2]) {
      const before = Date.now();
      await nats.kill();
      await told.until(({ kinds }) => kinds.filter((kind) => kind === 'lost').length === count);
      const { state } = told.engine;
      assert.ok(state.kind === 'lost' && state.since >= before && state.since <= Date.now());
      const waiting = told.engine.ready();
      await nats.start();
      assert.equal(await waiting, first, 'the same for ever');
      assert.equal((await first.bucket.get('key'))?.string(), 'text');
    }
    assert.deepEqual(told.kinds, ['connecting', 'ready', 'lost', 'ready', 'lost', 'ready']);
    assert.deepEqual(told.errors, []);
  });

  it('notices a server that falls silent within 5 s', async function () {
    await start.call(this);
    let isFrozen = false;
    const way = new FarPort(() =>
      createServer((client) => {
        const server = connect(Number(new URL(nats.servers[0] ?? '').port), '127.0.0.1');
        client.on('data', (data) => void (isFrozen || server.write(data)));
        server.on('data', (data) => void (isFrozen || client.write(data)));
        for (const socket of [client, server]) socket.on('error', () => undefined);
        client.on('close', () => server.destroy());
      }),
    );
    await way.open();
    try {
      const told = open({ servers: [`nats://127.0.0.1:${way.number}`] });
      await told.engine.ready();
      isFrozen = true;
      const before = Date.now();
      await told.until(({ kinds }) => kinds.includes('lost'));
      assert.ok(Date.now() - before < 5_500, `${Date.now() - before} ms`);
      isFrozen = false;
      await told.engine.ready();
      await told.engine.close();
    } finally {
      await way.close();
    }
  });

  it('takes servers that have no majority any more for an outage, though one of them answers', async function () {
    await start.call(this, { servers: 3 });
    const told = open({ replicas: 3 });
    const { bucket, connection } = await told.engine.ready();
    await bucket.put('key', 'text');
    const others = nats.servers.flatMap((server, index) => (server.endsWith(`:${connection.info?.port}`) ? [] : index));
    assert.equal(others.length, 2);
    for (const index of others) await nats.kill(index);
    await told.until(({ kinds, errors }) => kinds.at(-1) === 'lost' && errors.length > 0);
    for (const index of others) await nats.start(index);
    await told.engine.ready();
    assert.equal((await bucket.get('key'))?.string(), 'text');
    assert.deepEqual(told.kinds, ['connecting', 'ready', 'lost', 'ready']);
    assert.deepEqual(told.errors.map(nameOf), ['CLUSTER_FAILED.unreachable']);
  });

  it('tells an outage once, when it has lasted for 15 s, and the next one anew', async function () {
    await start.call(this);
    const told = open({}, HASTY);
    await told.engine.ready();
    for (const count of [1, 2]) {
      await nats.kill();
      await told.until(({ errors }) => errors.length === count);
      await pause(HASTY, 30_000);
      await nats.start();
      await told.engine.ready();
    }
    assert.deepEqual(told.errors.map(nameOf), ['CLUSTER_FAILED.unreachable', 'CLUSTER_FAILED.unreachable']);
    assert.match(told.errors[0]?.message ?? '', /NATS at 127\.0\.0\.1:\d+ cannot be reached since 20\d\d-/);
  });

  it('makes anew what somebody has removed', async function () {
    await start.call(this);
    const told = open({}, HASTY);
    const { manager } = await told.engine.ready();
    await manager.streams.delete(NAMES.stream);
    while (!(await manager.streams.info(NAMES.stream).catch(() => undefined))) {
      await pause(systemClock, 20);
    }
  });

  it('gives what is there the hours that the copy has set that started last, and leaves it at that', async function () {
    await start.call(this);
    await open({ keepHours: 24 }, HASTY).engine.ready();
    const { manager } = await open({ keepHours: 1 }).engine.ready();
    await pause(HASTY, 20_000);
    assert.equal((await manager.streams.info(NAMES.stream)).config.max_age, 3_600 * 1e9);
  });

  it('tells at once that a login is refused, and shows no secret', async function () {
    await start.call(this, { settings: 'authorization { user: "olga", password: "marked-password" }' });
    const [server = ''] = nats.servers;
    const wrong = [
      open({ login: { kind: 'user', user: 'olga', password: 'marked-wrong' } }),
      open({ login: { kind: 'token', token: 'marked-token' } }),
      open({ servers: [server.replace('://', '://olga:marked-12:34@')] }),
    ];
    for (const told of wrong) {
      const before = Date.now();
      await told.until(({ errors }) => errors.length > 0);
      assert.ok(Date.now() - before < 5_000);
      assert.deepEqual(told.errors.map(nameOf), ['CLUSTER_FAILED.refused']);
      assert.match(
        told.errors[0]?.message ?? '',
        /NATS at 127\.0\.0\.1:\d+ refuses the login \(AUTHORIZATION_VIOLATION/,
      );
      assert.doesNotMatch(told.words, /marked|olga/);
    }
  });

  it('logs in as it is told: by user and password, also where they stand in the address', async function () {
    await start.call(this, { settings: 'authorization { user: "olga", password: "a:1/b@c" }' });
    const [server = ''] = nats.servers;
    await open({ login: { kind: 'user', user: 'olga', password: 'a:1/b@c' } }).engine.ready();
    await open({ servers: [server.replace('://', `://olga:${encodeURIComponent('a:1/b@c')}@`)] }).engine.ready();
  });

  it('tells at once that the file with the login cannot be read, and goes on trying', async function () {
    await start.call(this);
    const told = open({ login: { kind: 'creds', file: join(tmpdir(), 'there-is-none.creds') } });
    await told.until(({ errors }) => errors.length > 0);
    assert.deepEqual(told.errors.map(nameOf), ['CLUSTER_FAILED.refused']);
    assert.match(told.errors[0]?.message ?? '', /ENOENT/);
    assert.doesNotMatch(told.words, /there-is-none/);
  });

  it('tells at once where NATS has no JetStream', async function () {
    await start.call(this, { settings: 'accounts { A { users: [{ user: a, password: b }] } }' });
    const told = open({ login: { kind: 'user', user: 'a', password: 'b' } });
    await told.until(({ errors }) => errors.length > 0);
    assert.deepEqual(told.errors.map(nameOf), ['CLUSTER_FAILED.noJetStream']);
    assert.equal(told.engine.state.kind, 'connecting');
  });

  it('tells where NATS cannot keep as many copies as are wanted', async function () {
    await start.call(this);
    const told = open({ replicas: 3 }, HASTY);
    await told.until(({ errors }) => errors.length > 0);
    assert.deepEqual(told.errors.map(nameOf), ['CLUSTER_FAILED.storage']);
    assert.match(told.errors[0]?.message ?? '', /error 10074/);
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
      const { connection } = await open({ servers, tls: { ca: Buffer.from(ca) } }).engine.ready();
      assert.equal(connection.info?.tls_required, true);
      await open({ tls: { rejectUnauthorized: false } }).engine.ready();
      const suspicious = open({ servers }, HASTY);
      await suspicious.until(({ errors }) => errors.length > 0);
      assert.match(suspicious.errors[0]?.message ?? '', /SELF_SIGNED|UNABLE_TO_VERIFY/);
      const elsewhere = open({ servers, tls: { ca, servername: 'elsewhere.test' } }, HASTY);
      await elsewhere.until(({ errors }) => errors.length > 0);
      assert.match(elsewhere.errors[0]?.message ?? '', /ALTNAME/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends for good: whoever waits is told, and nothing is told any more', async function () {
    await start.call(this);
    await nats.kill();
    const told = open();
    const waiting = assert.rejects(told.engine.ready());
    await told.engine.close();
    await waiting;
    await assert.rejects(told.engine.ready());
    const count = told.states.length;
    await nats.start();
    await open().engine.ready();
    assert.equal(told.states.length, count);
  });

  it('refuses an address that is none', async function () {
    await start.call(this);
    for (const server of ['', 'nats://', 'nats://a b']) assert.throws(() => open({ servers: [server] }), TypeError);
  });
});
