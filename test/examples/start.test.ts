import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../simulator';
import { isRecord } from '../../src/events/json';
import { entriesOf } from '../../scripts/example-flows';
import { ExampleHarness, type RunningExample } from '../support/example-harness';
import type { FlowNode } from '../support/node-red-child';

const LINE = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
const COMPANY = { type: 'company', companyId: '3001' } as const;
const USER = { type: 'user', userId: '7001' } as const;
const ACT = 'read the text and act';

describe('the examples to start with', () => {
  let harness: ExampleHarness;

  before(async () => {
    harness = await ExampleHarness.start();
  });

  after(() => harness.close());

  describe('watch-a-line', () => {
    const EXAMPLE = 'start/watch-a-line';

    it('shows what happens in the line of the variables, and nothing of other lines', async () => {
      const flow = await harness.run(EXAMPLE, { variables: { LINE: '50101', MESSENGER: 'telegram' } });
      harness.simulator.message({ licenseId: '50102', messengerType: 'instagram', text: 'on another line' });
      harness.simulator.message({ ...LINE, text: 'on the line' });
      harness.announce('chatTag', LINE);
      const shown = (): unknown[] => flow.shown('what happened');
      await harness.nodeRed.until('both events', () => shown().length >= 2);
      assert.deepEqual(
        shown().map((payload) => read(payload, 'message', 'text') ?? read(payload, 'type')),
        ['on the line', 'add'],
      );
    });

    it('says what is the matter where the variables name no line of the account', async () => {
      const flow = await harness.deploy(await harness.imported(EXAMPLE, { variables: { LINE: '99999' } }));
      await harness.nodeRed.until('the error', () => flow.shown(ACT).length > 0);
      assert.equal(read(flow.shown(ACT)[0], 'code'), 'CHANNEL_REFUSED');
    });
  });

  it('route-by-event sends each event its own way', async () => {
    const variables = { LINE: '50101', COMPANY: '3001', USER: '7001' };
    const flow = await harness.run('start/route-by-event', { variables });
    harness.simulator.message({ ...LINE, text: 'a question' });
    harness.simulator.message({ ...LINE, text: 'an answer', side: 'out' });
    harness.announce('messageStatus', LINE, { id: '1', type: 'delivered', time: 1, chat: { id: '2' } });
    const failed = { id: '1', type: 'failed', time: 2, chat: { id: '2' }, error: { code: 'E1' } };
    harness.announce('messageStatus', LINE, failed);
    harness.announce('chatTag', LINE, { type: 'add', tag: { id: 4, name: 'urgent' }, chat: { id: '2' } });
    harness.announce('employeeStatus', COMPANY, { type: 'online', employee: { id: 7002 } });
    harness.announce('employeeWorkday', COMPANY, { type: 'start', employee: { id: 7002 } });
    harness.announce('quickResponseList', USER, { type: 'destroy', quickResponseList: { id: 8 } });
    harness.announce('quickResponse', USER, { type: 'destroy', quickResponse: { id: 9 } });
    const ways = [
      ['a customer wrote', 'a question'],
      ['we answered', 'an answer'],
      ['a message did not arrive', { code: 'E1' }],
      ['a tag changed', 'urgent'],
      ['someone came or went', { type: 'online', employee: { id: 7002 } }],
      ['a workday began or ended', { type: 'start', employee: { id: 7002 } }],
      ['a list changed', { type: 'destroy', quickResponseList: { id: 8 } }],
      ['a response changed', { type: 'destroy', quickResponse: { id: 9 } }],
    ] as const;
    const shown = (): unknown[][] => ways.map(([name]) => flow.shown(name));
    await harness.nodeRed.until('an event on each way', () => shown().every((messages) => messages.length > 0));
    assert.deepEqual(
      shown(),
      ways.map(([, expected]) => [expected]),
    );
    assert.deepEqual(flow.shown(ACT), []);
  });

  it('ask-chatapp shows the companies of the account and the chats of the line', async () => {
    // The line of no other test: a message may also reach a listener that comes in the same second.
    const variables = { LINE: '50102', MESSENGER: 'instagram' };
    const flow = await harness.run('start/ask-chatapp', { variables });
    harness.simulator.message({ licenseId: '50102', messengerType: 'instagram', text: 'a chat' });
    for (const button of ['list the companies', 'list the chats']) await flow.press(button);
    await harness.nodeRed.until('both answers', () => flow.shown('the answer').length >= 2);
    const answers = flow.shown('the answer').map(entriesOf);
    assert.ok(answers.some((companies) => companies.some((company) => read(company, 'name') === 'Flowers & Co')));
    assert.ok(answers.some((chats) => chats.some((chat) => read(chat, 'id') !== undefined)));
  });

  describe('watch-the-watcher', () => {
    const EXAMPLE = 'start/watch-the-watcher';
    const variables = { LINE: '50101', COMPANY: '3001', USER: '7001', ALERT_AFTER_SECONDS: 0.3 };

    it('alerts after a minute, unless someone sets another time', async () => {
      const [tab] = await harness.imported(EXAMPLE);
      const seconds = entriesOf(tab?.env).find((one) => read(one, 'name') === 'ALERT_AFTER_SECONDS');
      assert.equal(read(seconds, 'value'), '60');
    });

    it('alerts once for each listener that has not been listening for a while', async () => {
      const account = await startSimulator();
      const { flow, early } = await withMarker(account).finally(() => account.close());
      const alerts = (): unknown[] => flow.shown('alert').slice(early).sort();
      const expected = ['the employee', 'the line'].map(alertOf);
      await harness.nodeRed.until('the alerts', () => expected.every((alert) => alerts().includes(alert)));
      // Each new try changes the status: none of them may alert again.
      const seen = flow.statuses('the line').length;
      await harness.nodeRed.until('two more tries', () => flow.statuses('the line').length >= seen + 4);
      assert.deepEqual(alerts(), expected);
    });

    const alertOf = (name: string): string => `ChatApp: ${name} has not been listening for 0.3 s`;

    /**
     * Runs the example, and resolves once it has shown every alert that is due. A busy machine may need longer than
     * 0.3 s to begin to listen, and these alerts may be shown after the status is green. So the test adds the status of
     * one more listener: its alert comes after them. `early` says how many there are by then.
     */
    async function withMarker(account: Simulator): Promise<{ flow: RunningExample; early: number }> {
      const nodes = await harness.imported(EXAMPLE, { variables, account });
      const { id, z } = nodes.find(({ name }) => name === 'is it listening?') ?? assert.fail();
      const status = JSON.stringify({ fill: 'yellow', source: { id: 'marker', name: 'the marker' } });
      const props = [{ p: 'status', v: status, vt: 'json' }];
      const marker = { id: 'c0ffee', type: 'inject', name: 'marker', z, props, repeat: '', once: false, wires: [[id]] };
      const flow = await harness.deploy([...nodes, marker]);
      await flow.untilListening();
      await flow.press('marker');
      await harness.nodeRed.until('the last alert', () => flow.shown('alert').includes(alertOf('the marker')));
      return { flow, early: flow.shown('alert').length };
    }

    it('shows errors with the text that says what to do', async () => {
      const nodes = await harness.imported(EXAMPLE, { variables });
      const isConnection = ({ type }: FlowNode): boolean => type === 'chatapp-connection';
      const credentials = { email: harness.simulator.account.email, password: 'a wrong password', appId: 'app_7001_1' };
      const refused = await harness.deploy(nodes.map((node) => (isConnection(node) ? { ...node, credentials } : node)));
      const login = (): unknown[] => refused.shown(ACT);
      await harness.nodeRed.until('the refusal', () => login().length > 0);
      assert.equal(read(login()[0], 'code'), 'LOGIN_REFUSED');

      const wrong = await harness.deploy(
        nodes.map((node) => ('licenseId' in node ? { ...node, licenseId: 'the shop' } : node)),
      );
      await harness.nodeRed.until('the complaint', () => wrong.shown(ACT).length > 0);
      assert.equal(read(wrong.shown(ACT)[0], 'code'), 'CONFIG_INVALID');
    });
  });
});

function read(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((at: unknown, key) => (isRecord(at) ? at[key] : undefined), value);
}
