import assert from 'node:assert/strict';
import { examples } from '../../scripts/example-flows';
import { describeEditor } from '../support/editor-harness';

const WANTED = ['slack/notify', 'slack/notify-robust', 'start/watch-a-line'];

describeEditor('importing several examples', {}, (harness) => {
  it('brings one connection for all of them, and each flow uses it', async () => {
    const { page } = harness();
    await harness().open();
    for (const name of WANTED) {
      const nodes = examples().find((example) => example.name === name)?.nodes;
      await page.evaluate('RED.clipboard.import()');
      const text = page.locator('#red-ui-clipboard-dialog-import-text');
      await text.fill(JSON.stringify(nodes));
      await text.press('End');
      await page.locator('#red-ui-clipboard-dialog-ok').click();
      const copy = page.getByRole('button', { name: 'Import copy' });
      // From the second on, Node-RED asks what to do about the connection, which is there already.
      if (name !== WANTED[0]) await copy.click();
      await page.waitForFunction(
        `RED.nodes.filterNodes({ type: 'chatapp-messenger' }).length > ${WANTED.indexOf(name)}`,
      );
    }
    const found: unknown = await page.evaluate(`(() => {
      const connections = [];
      RED.nodes.eachConfig(({ id, type }) => type === 'chatapp-connection' && connections.push(id));
      return { connections, used: RED.nodes.filterNodes({ type: 'chatapp-messenger' }).map((node) => node.connection) };
    })()`);
    const [shared] = examples().flatMap(({ nodes }) => nodes.filter(({ type }) => type === 'chatapp-connection'));
    assert.deepEqual(found, { connections: [shared?.id], used: WANTED.map(() => shared?.id) });
  });
});
