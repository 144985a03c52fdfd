import assert from 'node:assert/strict';
import { describeEditor } from '../support/editor-harness';
import { startNats } from '../support/nats';
import { connectionTo } from '../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
/** In ms. */
const CHECK_WITHIN = 15_500;

describeEditor('the check of a connection, in a browser,', {}, (harness) => {
  before(() => harness().deploy([TAB, connectionTo(harness().simulator, 'simulator')]));
  beforeEach(() => harness().editConnection('simulator'));
  afterEach(async () => {
    harness().simulator.faults.receiveWith(undefined);
    await harness().closeDialogs();
  });

  /** Presses the button and waits until every step is over. By step: how it ended. */
  async function check(count = 4): Promise<Record<string, string>> {
    const { page } = harness();
    await page.click('#chatapp-check');
    await page.waitForFunction(
      `(() => {
        const steps = [...document.querySelectorAll('#chatapp-check-steps > li')];
        return steps.length === ${count} && steps.every(({ dataset }) => dataset.outcome !== 'pending');
      })()`,
      undefined,
      { timeout: CHECK_WITHIN },
    );
    const ended: Record<string, string> = {};
    for (const step of await page.locator('#chatapp-check-steps > li').all()) {
      const [name, outcome] = [await step.getAttribute('data-step'), await step.getAttribute('data-outcome')];
      ended[name ?? ''] = `${outcome ?? ''} ${(await step.innerText()).trim()}`;
    }
    return ended;
  }

  it('shows the number of lines and messengers of a working account', async () => {
    const { settings, login, lines, socket } = await check();
    assert.match(settings ?? '', /^ok /);
    assert.match(login ?? '', /^ok /);
    assert.match(lines ?? '', /^ok .*2 lines, 5 messengers/);
    assert.match(socket ?? '', /^ok /);
    const words = await harness().page.locator('.chatapp-form').innerText();
    assert.equal(words.split('adminAuth').length, 2, 'the warning below the steps is not repeated among them');
    await harness().screenshot('check-good');
  });

  it('shows that a password just typed is wrong', async () => {
    const { page } = harness();
    await page.fill('#node-config-input-password', 'wrong');
    const { login, lines, socket } = await check();
    assert.match(login ?? '', /^failed .*refuses the login/);
    assert.match(lines ?? '', /^skipped /);
    assert.match(socket ?? '', /^ok /);
    await harness().screenshot('check-wrong-password');
  });

  it('shows which fields are missing', async () => {
    await harness().page.fill('#node-config-input-email', '');
    const { settings, login, socket } = await check();
    assert.match(settings ?? '', /^failed .*mail/);
    assert.match(login ?? '', /^skipped /);
    assert.match(socket ?? '', /^skipped /);
  });

  it('shows that NATS cannot be reached, and no NATS step if no servers are given', async () => {
    const { page } = harness();
    await page.evaluate(`$('#node-config-input-cluster').val('nats://127.0.0.1:1')`);
    const { socket, cluster } = await check(5);
    assert.match(socket ?? '', /^ok /);
    assert.match(cluster ?? '', /^failed .*NATS at 127\.0\.0\.1:1 cannot be reached \(.*REFUSED\)/);
    await harness().screenshot('check-no-nats');
    await page.evaluate(`$('#node-config-input-cluster').val('')`);
    assert.equal((await check()).cluster, undefined);
  });

  it('shows whether NATS accepts the login just typed', async function () {
    const nats = await startNats({ settings: 'authorization { user: shop, password: letmein }' });
    if (!nats) return this.skip();
    try {
      const { page } = harness();
      await page.click('#chatapp-cluster > summary');
      await page.fill('#node-config-input-cluster', nats.servers.join());
      await page.selectOption('#node-config-input-clusterAuth', 'user');
      await page.fill('#node-config-input-clusterUser', 'shop');
      await page.fill('#node-config-input-clusterPassword', 'wrong');
      assert.match((await check(5)).cluster ?? '', /^failed .*refuses the login/);
      await page.fill('#node-config-input-clusterPassword', 'letmein');
      const { socket, cluster } = await check(5);
      assert.match(socket ?? '', /^ok /);
      assert.match(cluster ?? '', /^ok .*NATS:/);
      await harness().screenshot('check-nats');
    } finally {
      await nats.end();
    }
  });

  it('says to deploy first if a variable fills the servers of NATS, and nothing of NATS', async () => {
    await harness().page.evaluate(`$('#node-config-input-cluster').val('\${NOBODY_SET_THIS}')`);
    const { settings, cluster } = await check();
    assert.match(settings ?? '', /^failed .*deploy first/);
    assert.equal(cluster, undefined);
  });

  it('can be pressed again when the mistake is corrected', async () => {
    const { page } = harness();
    await page.fill('#node-config-input-password', 'wrong');
    assert.match((await check()).login ?? '', /^failed /);
    await page.fill('#node-config-input-password', harness().simulator.account.password);
    assert.match((await check()).login ?? '', /^ok /);
  });

  it('gives a socket that never answers up within 15 s, and reports it', async () => {
    harness().simulator.faults.receiveWith('no-upgrade');
    const begun = Date.now();
    const { login, socket } = await check();
    assert.ok(Date.now() - begun < CHECK_WITHIN);
    assert.match(login ?? '', /^ok /);
    assert.match(socket ?? '', /^failed .*cannot be reached.*Check network/);
    await harness().screenshot('check-dead-socket');
  });
});
