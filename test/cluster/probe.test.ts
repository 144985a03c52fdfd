import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { systemClock } from '../../src/clock';
import { probe } from '../../src/cluster/probe';
import type { ClusterSettings } from '../../src/cluster/settings';
import { ClientSpy } from '../support/client-spy';
import { codeOf, errorOf } from '../support/errors';
import { RestartablePort } from '../support/restartable-port';
import { DOCUMENTED_PERMISSIONS, startNats, type Nats } from '../support/nats';

const LOGIN = { kind: 'user', user: 'olga', password: 'secret' } as const;

describe('the check of NATS', () => {
  let nats: Nats | undefined;
  afterEach(async () => {
    await nats?.end();
    nats = undefined;
  });

  /** Starts NATS; skips the test if there is none on this machine. */
  async function start(context: Mocha.Context, options: Parameters<typeof startNats>[0] = {}): Promise<Nats> {
    nats = await startNats(options);
    if (!nats) {
      console.log('      no nats-server on this machine');
      context.skip();
    }
    return nats;
  }
  const check = (settings: ClusterSettings): Promise<void> => probe(settings, systemClock);

  async function streamsOf({ servers }: Nats): Promise<string[]> {
    const connection = await connect({ servers: [...servers], user: 'olga', pass: 'secret' });
    const names: string[] = [];
    for await (const name of (await jetstreamManager(connection)).streams.names()) names.push(name);
    await connection.close();
    return names;
  }

  it('succeeds if all works, and leaves nothing behind', async function () {
    const started = await start(this);
    await check({ servers: started.servers });
    assert.deepEqual(await streamsOf(started), []);
  });

  it('needs no other permissions than those that the documents name', async function () {
    const user = `{ user: olga, password: secret, permissions: { ${DOCUMENTED_PERMISSIONS} } }`;
    const { servers } = await start(this, { settings: `authorization { users: [${user}] }` });
    await check({ servers, login: LOGIN });
  });

  it('finds storage that is full', async function () {
    const { servers } = await start(this, { jetStream: 'max_file_store: 1KB' });
    assert.equal(await codeOf(check({ servers })), 'CLUSTER_FAILED.full');
  });

  it('finds more replicas than there are servers', async function () {
    const { servers } = await start(this);
    assert.equal(await codeOf(check({ servers, replicas: 3 })), 'CLUSTER_FAILED.replicas');
  });

  it('finds a server without JetStream', async function () {
    const { servers } = await start(this, { jetStream: 'none' });
    assert.equal(await codeOf(check({ servers })), 'CLUSTER_FAILED.noJetStream');
  });

  it('succeeds if the cluster has taken the last streams that its account may have', async function () {
    const account = 'A { jetstream: { max_streams: 3 }, users: [{ user: olga, password: secret }] }';
    const started = await start(this, { settings: `accounts { ${account} }` });
    const settings = { servers: started.servers, login: LOGIN };
    const spy = new ClientSpy(settings);
    await spy.client.ready();
    await spy.client.close();
    const before = await streamsOf(started);
    await check(settings);
    assert.deepEqual([before.length, await streamsOf(started)], [3, before]);
  });

  it('finds that an account may have no more streams', async function () {
    const account = 'A { jetstream: { max_streams: 1 }, users: [{ user: olga, password: secret }] }';
    const started = await start(this, { settings: `accounts { ${account} }` });
    const connection = await connect({ servers: [...started.servers], user: 'olga', pass: 'secret' });
    await (await jetstreamManager(connection)).streams.add({ name: 'other', subjects: ['other'] });
    await connection.close();
    assert.equal(await codeOf(check({ servers: started.servers, login: LOGIN })), 'CLUSTER_FAILED.limits');
  });

  for (const [what, permissions, subject] of [
    ['publish events', 'publish: { deny: "chatapp-2.>" }', /^chatapp-2\.check-.*\.health$/],
    ['write into buckets', 'publish: { deny: "$KV.>" }', /^\$KV\.chatapp-2-check-/],
    ['make streams', 'publish: { deny: "$JS.API.STREAM.CREATE.>" }', /^\$JS\.API\.STREAM\.CREATE\.chatapp-2-check-/],
    ['delete what it makes', 'publish: { deny: "$JS.API.STREAM.DELETE.>" }', /^\$JS\.API\.STREAM\.DELETE\./],
    ['make consumers', 'publish: { deny: "$JS.API.CONSUMER.>" }', /^\$JS\.API\.CONSUMER\.(DURABLE\.)?CREATE\./],
    ['fetch', 'publish: { deny: "$JS.API.CONSUMER.MSG.NEXT.>" }', /^\$JS\.API\.CONSUMER\.MSG\.NEXT\./],
    ['acknowledge', 'publish: { deny: "$JS.ACK.>" }', /^\$JS\.ACK\./],
    ['read values', 'publish: { deny: "$JS.API.STREAM.MSG.GET.>" }', /^\$JS\.API\.STREAM\.MSG\.GET\./],
    ['receive answers', 'subscribe: { deny: "_INBOX.>" }', /^_INBOX\.>$/],
  ] as const) {
    it(`finds that the user may not ${what}, and leaves nothing behind`, async function () {
      const users = `{ user: anna, password: secret, permissions: { ${permissions} } }, { user: olga, password: secret }`;
      const started = await start(this, { settings: `authorization { users: [${users}] }` });
      const error = await errorOf(check({ servers: started.servers, login: { ...LOGIN, user: 'anna' } }));
      assert.deepEqual([error.code, error.reason], ['CLUSTER_FAILED', 'denied']);
      assert.match(String(error.params.subject), subject);
      assert.deepEqual(await streamsOf(started), []);
    });
  }

  it('finds a login that is refused, and shows no secret', async function () {
    const { servers } = await start(this, { settings: 'authorization { user: olga, password: secret }' });
    const error = await errorOf(check({ servers, login: { kind: 'token', token: 'marked' } }));
    assert.equal(error.reason, 'refused');
    assert.doesNotMatch(JSON.stringify([error.message, error.params]), /marked/);
  });

  it('ends in time and leaves no socket open if servers accept and never greet', async () => {
    const closed: Promise<unknown>[] = [];
    const silent = new RestartablePort(() =>
      createServer((socket) => {
        socket.resume().on('error', () => undefined);
        closed.push(once(socket, 'close'));
      }),
    );
    await silent.open();
    const servers = Array.from({ length: 9 }, () => `127.0.0.1:${silent.number}`);
    const begun = performance.now();
    assert.equal(await codeOf(check({ servers })), 'CLUSTER_FAILED.unreachable');
    assert.ok(performance.now() - begun < 13_000);
    assert.equal(closed.length, 9);
    await Promise.all(closed);
    await silent.close();
  });
});
