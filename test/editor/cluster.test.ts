import assert from 'node:assert/strict';
import { CLUSTER_LOGIN } from '../../nodes/shared/editor/connection/cluster';
import { words } from '../nodes/editor/editor-words';
import { describeEditor } from '../support/editor-harness';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const SERVERS = 'nats-1, nats://nats-2:4222';
const LISTENER = { type: 'chatapp-messenger', z: 'tab', x: 300, licenseId: '', messengerType: '', wires: [[]] };

const field = (name: string): string => `#node-config-input-${name}`;
const ACK = '#node-input-ack';
const SECONDS = '#node-input-ackSeconds';
const IN_FLIGHT = '#node-input-inFlight';
const TIP = '#chatapp-ack-tip';

describeEditor('several Node-REDs, in a browser,', {}, (harness) => {
  before(async () => {
    const main = connectionTo(harness().simulator, 'main');
    const variables = {
      cluster: '${NATS}',
      clusterAuth: '${LOGIN}',
      keepHours: '${HOURS}',
      replicas: '${COPIES}',
      partitions: '${PARTITIONS}',
    };
    await harness().deploy([
      TAB,
      main,
      { ...main, id: 'shared', cluster: SERVERS, clusterAuth: 'none', replicas: 1, keepHours: 24 },
      { ...main, id: 'variables', ...variables },
      { ...LISTENER, id: 'old', y: 100, connection: 'main' },
      { ...LISTENER, id: 'waiting', y: 200, connection: 'shared', ack: 'done', ackSeconds: 5 },
      { ...LISTENER, id: 'alone', y: 300, connection: 'main', ack: 'done', ackSeconds: 60 },
      { id: 'done', type: 'chatapp-done', z: 'tab', x: 300, y: 400, name: '', failed: false },
      { id: 'failed', type: 'chatapp-done', z: 'tab', x: 300, y: 500, name: '', failed: true },
    ]);
  });
  afterEach(() => harness().closeDialogs());

  const isShown = (selector: string): Promise<boolean> => harness().page.locator(selector).isVisible();
  const isMarked = async (selector: string): Promise<boolean> =>
    (await harness().page.locator(`${selector}.input-error`).count()) > 0;
  async function type(name: string, value: string): Promise<void> {
    await harness().page.fill(field(name), value);
    await harness().page.press(field(name), 'Tab');
  }
  async function openNew(): Promise<void> {
    await harness().editConnection();
    await harness().page.click('#chatapp-cluster > summary');
  }

  it('take one folded line of the dialog, and one field until servers are given', async () => {
    assert.equal(await harness().ask("RED.nodes.node('main').valid"), true);
    await harness().editConnection('main');
    assert.equal(await isShown(field('cluster')), false);
    await harness().page.click('#chatapp-cluster > summary');
    assert.equal(await isShown(field('cluster')), true);
    const others = ['clusterAuth', ...CLUSTER_LOGIN, 'clusterTls', 'replicas', 'partitions'];
    for (const name of others) assert.equal(await isShown(field(name)), false, name);
    await harness().page.fill(field('cluster'), 'n');
    for (const name of ['clusterAuth', 'clusterTls', 'replicas', 'partitions']) {
      assert.equal(await isShown(field(name)), true, name);
    }
    for (const name of CLUSTER_LOGIN) assert.equal(await isShown(field(name)), false, name);
  });

  for (const [login, parts] of [
    ['user', ['clusterUser', 'clusterPassword']],
    ['token', ['clusterToken']],
    ['creds', ['clusterCreds']],
  ] as const) {
    it(`that log in by ${login} want what that needs, and nothing else`, async () => {
      await openNew();
      await type('cluster', SERVERS);
      await harness().page.selectOption(field('clusterAuth'), login);
      const wanted: readonly string[] = parts;
      for (const name of CLUSTER_LOGIN) {
        assert.equal(await isShown(field(name)), wanted.includes(name), name);
        assert.equal(await isMarked(field(name)), wanted.includes(name), name);
      }
      for (const name of parts) await type(name, 'something');
      for (const name of parts) assert.equal(await isMarked(field(name)), false, name);
      assert.equal(await isMarked(field('clusterAuth')), false);
    });
  }

  it('are marked where an address is none, or holds a login', async () => {
    await openNew();
    for (const wrong of ['http://nats-1', 'nats://', 'nats-1:port']) {
      await type('cluster', wrong);
      assert.equal(await isMarked(field('cluster')), true, wrong);
    }
    await type('cluster', 'nats://me:secret@nats-1');
    assert.equal(await isMarked(field('cluster')), true);
    // This line comes a moment later and moves the field away from the mouse.
    await harness().page.locator('#chatapp-warnings', { hasText: 'NATS without a login' }).waitFor();
    await harness().hover(field('cluster'));
    await harness().page.locator('.red-ui-popover', { hasText: 'which exports do not contain' }).waitFor();
    for (const right of [SERVERS, 'tls://nats-1', '${NATS}', '']) {
      await type('cluster', right);
      assert.equal(await isMarked(field('cluster')), false, right);
    }
  });

  it('mark a number of partitions that cannot be', async () => {
    await openNew();
    await type('cluster', SERVERS);
    for (const wrong of ['0', '257', '1.5', 'many']) {
      await type('partitions', wrong);
      assert.equal(await isMarked(field('partitions')), true, wrong);
    }
    for (const right of ['1', '256', '${PARTITIONS}', '']) {
      await type('partitions', right);
      assert.equal(await isMarked(field('partitions')), false, right);
    }
  });

  it('ask for the app id with pasted tokens too, and say what it is for', async () => {
    const { page } = harness();
    await openNew();
    await page.selectOption(field('auth'), 'token');
    const tip = (): Promise<string> => page.innerText('#chatapp-app-tip');
    assert.equal(await isShown(field('appId')), true);
    assert.equal(await tip(), words('chatapp-connection.tip.appId'));
    await type('cluster', SERVERS);
    assert.equal(await tip(), words('chatapp-connection.tip.clusterAppId'));
    await page.selectOption(field('auth'), 'account');
    assert.equal(await tip(), words('chatapp-connection.tip.accountAppId'));
  });

  it('do not go with webhooks, and say so', async () => {
    const { page } = harness();
    await openNew();
    await page.selectOption(field('receive'), 'both');
    await type('cluster', SERVERS);
    assert.equal(await isMarked(field('receive')), true);
    await harness().hover(field('receive'));
    await page.locator('.red-ui-popover', { hasText: 'get their events by the socket' }).waitFor();
    await type('cluster', '');
    assert.equal(await isMarked(field('receive')), false);
  });

  it('keep what was filled in, without its secrets, and are the same when opened again', async () => {
    const { page, simulator } = harness();
    await openNew();
    await page.selectOption(field('auth'), 'account');
    const { email, password, appId } = simulator.account;
    const typed = { name: 'Shared', email, password, appId, cluster: ` ${SERVERS} ` };
    for (const [name, value] of Object.entries(typed)) await type(name, value);
    await page.selectOption(field('clusterAuth'), 'user');
    await type('clusterUser', 'shop');
    await type('clusterPassword', 'top s3cret');
    await page.selectOption(field('replicas'), '3');
    await type('partitions', ' 64 ');
    await harness().screenshot('cluster-filled');
    await harness().done();
    const id = await harness().connectionCalled('Shared');
    const saved = await harness().exported(id);
    const { cluster, clusterAuth, clusterCreds, clusterTls, replicas, partitions } = saved;
    const kept = { cluster, clusterAuth, clusterCreds, clusterTls, replicas, partitions };
    const chosen = { cluster: SERVERS, clusterAuth: 'user', clusterCreds: '', clusterTls: '' };
    assert.deepEqual(kept, { ...chosen, replicas: '3', partitions: '64' });
    assert.doesNotMatch(JSON.stringify(saved), /s3cret|shop/);
    assert.equal(await harness().ask(`RED.nodes.node('${id}').valid`), true);
    await harness().editConnection(id);
    assert.equal(await isShown(field('clusterPassword')), true);
    assert.equal(await page.inputValue(field('replicas')), '3');
    await harness().done();
    assert.deepEqual(await harness().exported(id), saved);
  });

  it('take variables, show what these may need, and ask for nothing', async () => {
    assert.equal(await harness().ask("RED.nodes.node('variables').valid"), true);
    await harness().editConnection('variables');
    for (const name of CLUSTER_LOGIN) {
      assert.equal(await isShown(field(name)), true, name);
      assert.equal(await isMarked(field(name)), false, name);
    }
    assert.equal(await harness().page.inputValue(field('replicas')), '${COPIES}');
    await harness().done();
    const saved = await harness().exported('variables');
    const { cluster, clusterAuth, replicas, partitions, keepHours } = saved;
    assert.deepEqual(
      [cluster, clusterAuth, replicas, partitions, keepHours],
      ['${NATS}', '${LOGIN}', '${COPIES}', '${PARTITIONS}', '${HOURS}'],
    );
  });

  it('tell the check of the connection about themselves', async () => {
    const { page } = harness();
    await harness().editConnection('shared');
    await type('cluster', 'nats://me:secret@nats-1');
    await page.click('#chatapp-check');
    await page
      .locator('li[data-step="settings"][data-outcome="failed"]', { hasText: 'NATS servers is not usable' })
      .waitFor();
  });

  describe('a listener', () => {
    it('shows when to deliver an event again only if it waits for a done node, with and without NATS', async () => {
      const { page } = harness();
      await harness().edit('old');
      const rows = async (): Promise<boolean[]> => Promise.all([SECONDS, IN_FLIGHT, TIP].map(isShown));
      for (const connection of ['main', 'shared']) {
        await page.selectOption('#node-input-connection', connection);
        await page.selectOption(ACK, 'sent');
        assert.deepEqual([await isShown(ACK), ...(await rows())], [true, false, false, false], connection);
        await page.selectOption(ACK, 'done');
        assert.deepEqual([await isMarked(ACK), ...(await rows())], [false, true, true, true], connection);
      }
      assert.equal(await page.innerText(TIP), words('listener.ack.tip'));
    });

    it('keeps when an event counts as handled', async () => {
      const { page } = harness();
      await harness().edit('waiting');
      assert.equal(await page.inputValue(ACK), 'done');
      for (const wrong of ['0', '86401', 'a while']) {
        await page.fill(SECONDS, wrong);
        await page.press(SECONDS, 'Tab');
        assert.equal(await isMarked(SECONDS), true, wrong);
      }
      await page.fill(SECONDS, '30');
      await page.press(SECONDS, 'Tab');
      await harness().done();
      const { ack, ackSeconds } = await harness().exported('waiting');
      assert.deepEqual([ack, ackSeconds], ['done', '30']);
      assert.equal(await harness().ask("RED.nodes.node('waiting').valid"), true);
    });

    it('may wait for a done node without NATS', async () => {
      assert.equal(await harness().ask("RED.nodes.node('alone').valid"), true);
    });
  });

  it('have done nodes, which say what they do', async () => {
    const { page } = harness();
    const label = (id: string): Promise<unknown> =>
      harness().ask(`(() => { const node = RED.nodes.node('${id}'); return node._def.label.call(node); })()`);
    assert.deepEqual([await label('done'), await label('failed')], ['done', 'failed']);
    await harness().edit('done');
    assert.equal(await page.innerText('#chatapp-done-tip'), words('chatapp-done.tip.done'));
    assert.equal(await page.isVisible('#node-input-accept'), false);
    await page.selectOption('#node-input-outcome', 'auto');
    assert.equal(await page.innerText('#chatapp-done-tip'), words('chatapp-done.tip.auto'));
    await page.fill('#node-input-accept', '200-299, 404');
    await harness().done();
    const { outcome, accept, failed } = await harness().exported('done');
    assert.deepEqual([outcome, accept, failed], ['auto', '200-299,404', false]);
    await harness().edit('failed');
    assert.equal(await page.inputValue('#node-input-outcome'), 'failed');
    await page.selectOption('#node-input-outcome', 'giveUp');
    await harness().done();
    assert.equal(await label('failed'), 'give up');
    assert.equal((await harness().exported('failed')).outcome, 'giveUp');
  });
});
