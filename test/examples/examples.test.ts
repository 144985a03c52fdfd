import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../simulator';
import { sampleEnvelope, type ChannelAddress, type EventName, channelName } from '../../src/events';
import { isRecord, parseJson } from '../../src/events/json';
import { connectionTo, startNodeRedChild, type FlowNode, type NodeRedChild } from '../support/node-red-child';

const ROOT = join(__dirname, '../..');
const PACKAGE = '@chatapp-community/node-red-chatapp';
const NAMES = readdirSync(join(ROOT, 'examples')).map((file) => file.replace(/\.json$/, ''));
const LINE = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
const VARIABLES = {
  LINE: '50101',
  MESSENGER: 'telegram',
  COMPANY: '3001',
  USER: '7001',
  ALERT_AFTER_SECONDS: '0.3',
} as const;

describe('the example flows', function () {
  this.timeout(40_000);
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  const ends: (() => Promise<void>)[] = [];

  before(async () => {
    simulator = await startSimulator();
    ends.unshift(() => simulator.close());
    nodeRed = await startNodeRedChild();
    ends.unshift(() => nodeRed.stop());
  });

  after(async () => {
    for (const end of ends) await end();
  });

  for (const name of NAMES) {
    it(`say what they do, and hold neither credentials nor ids of anyone: ${name}`, () => {
      const nodes = asNodes(parseJson(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8')));
      const comment = nodes.find(({ type }) => type === 'comment');
      assert.match(String(comment?.info), /### What to set/);
      for (const node of nodes) {
        assert.match(node.id, /^[0-9a-f]{16}$/);
        assert.ok(!('credentials' in node));
        for (const id of ['licenseId', 'companyId', 'userId']) {
          if (id in node) assert.match(String(node[id]), /^\$\{[A-Z]+\}$/);
        }
      }
    });
  }

  it('use every node that the package has', () => {
    const manifest = parseJson(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const nodeRedPart = isRecord(manifest) && isRecord(manifest['node-red']) ? manifest['node-red'] : {};
    const types = isRecord(nodeRedPart.nodes) ? Object.keys(nodeRedPart.nodes) : [];
    const used = NAMES.flatMap((name) =>
      asNodes(parseJson(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8'))),
    );
    assert.ok(types.length >= 5);
    assert.deepEqual(
      types.filter((type) => !used.some((node) => node.type === type)),
      [],
    );
  });

  it('watch-a-line shows what happens in the line of the variables, and nothing of other lines', async () => {
    const nodes = await imported('watch-a-line');
    await nodeRed.deploy(nodes);
    await nodeRed.untilListening(...idsOf(nodes, 'chatapp-messenger'));
    simulator.message({ licenseId: '50102', messengerType: 'instagram', text: 'on another line' });
    simulator.message({ ...LINE, text: 'on the line' });
    announce('chatTag', LINE);
    const shown = (): unknown[] => nodeRed.shownBy(named(nodes, 'what happened'));
    await nodeRed.until('both events', () => shown().length >= 2);
    assert.deepEqual(
      shown().map((payload) => read(payload, 'message', 'text') ?? read(payload, 'type')),
      ['on the line', 'add'],
    );
  });

  it('route-by-event sends each event its own way', async () => {
    const nodes = await imported('route-by-event');
    await nodeRed.deploy(nodes);
    await nodeRed.untilListening(...idsOf(nodes, 'chatapp-messenger', 'chatapp-company', 'chatapp-user'));
    const company = { type: 'company', companyId: '3001' } as const;
    const user = { type: 'user', userId: '7001' } as const;
    simulator.message({ ...LINE, text: 'a question' });
    simulator.message({ ...LINE, text: 'an answer', side: 'out' });
    announce('messageStatus', LINE, { id: '1', type: 'delivered', time: 1, chat: { id: '2' } });
    announce('messageStatus', LINE, { id: '1', type: 'failed', time: 2, chat: { id: '2' }, error: { code: 'E1' } });
    announce('chatTag', LINE, { type: 'add', tag: { id: 4, name: 'urgent' }, chat: { id: '2' } });
    announce('employeeStatus', company, { type: 'online', employee: { id: 7002 } });
    announce('employeeWorkday', company, { type: 'start', employee: { id: 7002 } });
    announce('quickResponseList', user, { type: 'destroy', quickResponseList: { id: 8 } });
    announce('quickResponse', user, { type: 'destroy', quickResponse: { id: 9 } });
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
    const shown = (): unknown[][] => ways.map(([name]) => nodeRed.shownBy(named(nodes, name)));
    await nodeRed.until('an event on each way', () => shown().every((messages) => messages.length > 0));
    assert.deepEqual(
      shown(),
      ways.map(([, expected]) => [expected]),
    );
  });

  describe('alert-when-connection-is-lost', () => {
    it('alerts once for each listener that has not been listening for a while', async () => {
      const own = await startSimulator();
      let nodes: FlowNode[] = [];
      try {
        nodes = await imported('alert-when-connection-is-lost', own);
        await nodeRed.deploy(nodes);
        await nodeRed.untilListening(...idsOf(nodes, 'chatapp-messenger', 'chatapp-employee'));
      } finally {
        await own.close();
      }
      const alerts = (): unknown[] => nodeRed.shownBy(named(nodes, 'alert'));
      await nodeRed.until('the alerts', () => alerts().length >= 2);
      // Each new try changes the status: none of them may alert again.
      const [line = ''] = idsOf(nodes, 'chatapp-messenger');
      const seen = nodeRed.statuses(line).length;
      await nodeRed.until('two more tries', () => nodeRed.statuses(line).length >= seen + 4);
      assert.deepEqual(alerts().sort(), [
        'ChatApp: the employee has not been listening for 0.3 s',
        'ChatApp: the line has not been listening for 0.3 s',
      ]);
    });

    it('tells a login that is refused from settings that are wrong', async () => {
      const nodes = await imported('alert-when-connection-is-lost');
      const isConnection = ({ type }: FlowNode): boolean => type === 'chatapp-connection';
      const credentials = { email: simulator.account.email, password: 'a wrong password', appId: 'app_7001_1' };
      await nodeRed.deploy(nodes.map((node) => (isConnection(node) ? { ...node, credentials } : node)));
      const login = (): unknown[] => nodeRed.shownBy(named(nodes, 'check the login in the connection'));
      await nodeRed.until('the refusal', () => login().length > 0);
      assert.equal(read(login()[0], 'code'), 'LOGIN_REFUSED');

      await nodeRed.deploy(nodes.map((node) => ('licenseId' in node ? { ...node, licenseId: 'the shop' } : node)));
      const other = (): unknown[] => nodeRed.shownBy(named(nodes, 'read the text and act'));
      await nodeRed.until('the complaint', () => other().length > 0);
      assert.equal(read(other()[0], 'code'), 'CONFIG_INVALID');
      assert.equal(login().length, 1);
    });
  });

  /** The example as the import dialog gets it, with the stand-in's account and ids filled in. */
  async function imported(name: string, account = simulator): Promise<FlowNode[]> {
    const nodes = asNodes(await nodeRed.get(`/library/examples/flows/${PACKAGE}/${name}`));
    return nodes.map((node) => {
      if (node.type === 'tab') return { ...node, env: filled(node.env) };
      return node.type === 'chatapp-connection' ? connectionTo(account, node.id) : node;
    });
  }

  function announce(event: EventName, address: ChannelAddress, item?: object): void {
    const { data, meta } = sampleEnvelope(event, address);
    simulator.announce(channelName(address), event, { data: item ? [item] : data, meta: { ...meta } });
  }
});

function asNodes(value: unknown): FlowNode[] {
  assert.ok(Array.isArray(value));
  return value.flatMap((node: unknown) => {
    return isRecord(node) && typeof node.id === 'string' && typeof node.type === 'string'
      ? [{ ...node, id: node.id, type: node.type }]
      : [];
  });
}

/** The tab's variables with the values of this test. A variable that the test does not know fails it. */
function filled(variables: unknown): unknown[] {
  assert.ok(Array.isArray(variables));
  const values = new Map<string, string>(Object.entries(VARIABLES));
  return variables.map((variable: unknown) => {
    const value = isRecord(variable) ? values.get(String(variable.name)) : undefined;
    assert.ok(isRecord(variable) && value !== undefined);
    return { ...variable, value };
  });
}

function idsOf(nodes: readonly FlowNode[], ...types: readonly string[]): string[] {
  return nodes.filter(({ type }) => types.includes(type)).map(({ id }) => id);
}

function named(nodes: readonly FlowNode[], name: string): string {
  return nodes.find((node) => node.name === name)?.id ?? assert.fail(`there is no node "${name}"`);
}

function read(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((at: unknown, key) => (isRecord(at) ? at[key] : undefined), value);
}
