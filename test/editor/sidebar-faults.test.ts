import assert from 'node:assert/strict';
import type { ApiPart, Simulator } from '../../simulator';
import { describeEditor } from '../support/editor-harness';
import { startNats, type Nats } from '../support/nats';
import { connectionTo, type FlowNode } from '../support/node-red-child';
import { openSidebar } from '../support/sidebar';
import { WAIT_LIMIT } from '../support/wait-limit';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const BRANCH = 50_109;

interface Fault {
  /** What is deployed before it, out of `flowOf`. */
  readonly flow?: (nodes: readonly FlowNode[], simulator: Simulator) => readonly FlowNode[];
  /** The line does not have to be received before it. */
  readonly isFromStart?: boolean;
  readonly breaks: (simulator: Simulator) => unknown;
  /** What is read without scrolling or unfolding: where it is, what is wrong, and what to do or what happens. */
  readonly seen: RegExp;
}

/** A message is handed to a server, which takes it. */
function flowOf(simulator: Simulator): FlowNode[] {
  const z = 'tab';
  return [
    { id: z, type: 'tab', label: 'Flow' },
    { ...connectionTo(simulator, 'shop'), name: 'Flowers & Co' },
    {
      ...{ id: 'orders', z, type: 'chatapp-messenger', version: 1, connection: 'shop', name: 'orders to CRM' },
      ...{ events: ['message'], outputs: 1, ack: 'done', ...LINE, x: 150, y: 100, wires: [['crm']] },
    },
    {
      ...{ id: 'crm', z, type: 'change', name: 'CRM', x: 400, y: 100, wires: [['done']] },
      rules: answerWith(200),
    },
    { id: 'done', z, type: 'chatapp-done', version: 1, outcome: 'auto', accept: '200-299', x: 600, y: 100, wires: [] },
    {
      ...{ id: 'answer', z, type: 'chatapp-send', version: 1, connection: 'shop', name: 'answer', x: 400, y: 200 },
      ...{ action: 'text', text: 'Thank you', textType: 'str', perMinute: 2, wires: [[]] },
    },
  ];
}

const changed = (nodes: readonly FlowNode[], id: string, change: object): FlowNode[] =>
  nodes.map((node) => (node.id === id ? { ...node, ...change } : node));
/** What the HTTP request node would leave in the message. */
const answerWith = (status: number | string): object[] => [
  { t: 'set', p: 'statusCode', pt: 'msg', to: String(status), tot: typeof status === 'number' ? 'num' : 'str' },
];
const servedBy = (nodes: readonly FlowNode[], status: number | string): FlowNode[] =>
  changed(nodes, 'crm', { rules: answerWith(status) });
const answered = (nodes: readonly FlowNode[]): FlowNode[] => changed(nodes, 'orders', { wires: [['crm', 'answer']] });
const refuse = (simulator: Simulator, part: ApiPart, status: number): void =>
  simulator.faults.answerWith(part, { status, body: {} });
const write = (simulator: Simulator, chat = 'loop'): unknown =>
  simulator.message({ ...LINE, chat: { id: chat }, text: 'Three roses, please' });

let nats: Nats | undefined;

/** What fails, in this order. What is counted since the start comes last: it is shown from then on. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a changed password': {
    flow: (nodes, { account: { email, appId } }) =>
      changed(nodes, 'shop', { credentials: { email, appId, password: 'an old one' } }),
    isFromStart: true,
    breaks: () => undefined,
    seen: /Login\s+ChatApp refuses the login\. Check email, password and app id/,
  },
  'a dead token': {
    flow: (nodes, { account: { accessToken, refreshToken } }) =>
      changed(nodes, 'shop', { auth: 'token', credentials: { accessToken, refreshToken } }),
    breaks: (simulator) => {
      simulator.expireAccessToken();
      simulator.expireRefreshToken();
      simulator.dropAll();
    },
    seen: /Login\s+Access and refresh token are not valid any more\. Paste a new pair/,
  },
  'a line that this account has lost': {
    flow: (nodes, { account }) => {
      account.addLine({ licenseId: BRANCH, licenseName: 'Branch', messengers: ['telegram'] });
      return changed(nodes, 'orders', { licenseId: String(BRANCH) });
    },
    breaks: (simulator) => {
      simulator.account.removeLine(BRANCH);
      simulator.dropAll();
    },
    seen: /Needs attention in[^]*Branch · Telegram\s+ChatApp refuses .*Check its ids, and that this account may read it/,
  },
  'a webhook that ChatApp does not take': {
    flow: (nodes, simulator) => {
      refuse(simulator, 'callbackUrl', 403);
      return changed(nodes, 'shop', { receive: 'both', webhookUrl: 'https://flows.example.com/' });
    },
    breaks: () => undefined,
    seen: /Flower shop · Telegram\s+Receiving\. ChatApp refuses our webhook for .*\(403\)\. Check that this account may change/,
  },
  'a history that fails': {
    breaks: (simulator) => {
      refuse(simulator, 'chats', 500);
      simulator.dropAll();
    },
    seen: /Flower shop · Telegram\s+Receiving\. Missed messages cannot be fetched now; it is tried again\. .* with status 500/,
  },
  'a history that is refused': {
    breaks: (simulator) => {
      refuse(simulator, 'chats', 403);
      simulator.dropAll();
    },
    seen: /Flower shop · Telegram\s+Receiving\. Missed messages cannot be fetched now; it is tried again\. .* with status 403/,
  },
  'a socket that is down': {
    breaks: (simulator) => simulator.faults.down('socket'),
    seen: /Socket\s+Lost .*No connection to 127\.0\.0\.1:\d+ since \d\d\/.*ECONNREFUSED.*tried again until it works[^]*Not receiving: there is no socket/,
  },
  'too many requests': {
    breaks: (simulator) => {
      refuse(simulator, 'authorisation', 429);
      simulator.dropAll();
    },
    seen: /Flower shop · Telegram\s+ChatApp answered .* with status 429.* Next try (in|now)/,
  },
  'a called server that is down': {
    flow: (nodes) => servedBy(nodes, 'ECONNREFUSED'),
    breaks: write,
    seen: /Needs attention in[^]*orders to CRM\s+.*Next attempt: .*Last failure: ECONNREFUSED/,
  },
  'a flow that never says that it is done': {
    flow: (nodes) => changed(nodes, 'orders', { ackSeconds: 1, wires: [[]] }),
    breaks: write,
    seen: /Needs attention in[^]*orders to CRM\s+.*Last failure: the flow did not end in time\. Lead it to a “done” node/,
  },
  'a called server that refuses an order': {
    flow: (nodes) => servedBy(nodes, 422),
    // In the chat of the others it would wait for its turn.
    breaks: (simulator) => write(simulator, 'another'),
    seen: /Needs attention in[^]*orders to CRM\s+.*Given up \(dead letters\): \d+ · Last failure: 422/,
  },
  'a message that ChatApp refuses': {
    flow: answered,
    breaks: (simulator) => {
      refuse(simulator, 'send', 400);
      write(simulator);
    },
    seen: /Needs attention in[^]*answer\s+Sent: \d+ · Refused: \d+\. Nothing was sent: ChatApp refuses it \(status 400\)\. Check/,
  },
  'a flow that answers itself': {
    flow: answered,
    breaks: (simulator) => [1, 2, 3].forEach(() => write(simulator)),
    seen: /Needs attention in[^]*answer\s+Sent: .*A loop looks like this: .*Choose “Incoming only”/,
  },
  'NATS that is gone': {
    flow: (nodes) => changed(nodes, 'shop', { cluster: nats?.servers.join(','), replicas: 1, partitions: 4 }),
    breaks: () => nats?.kill(),
    seen: /Several Node-REDs\s+NATS at 127\.0\.0\.1:\d+ cannot be reached since .* Events wait; it is tried until it works/,
  },
};

describeEditor('somebody who sees only the sidebar', { simulator: { socketPort: 0 }, flow: flowOf }, (harness) => {
  before(async () => {
    nats = await startNats();
    await harness().open();
    await openSidebar(harness());
  });
  after(() => nats?.end());
  afterEach(async () => {
    const { faults } = harness().simulator;
    await faults.up();
    for (const part of ['chats', 'callbackUrl', 'authorisation', 'send'] as const) faults.answerWith(part, undefined);
  });

  for (const [name, { flow, isFromStart = false, breaks, seen }] of Object.entries(FAULTS)) {
    it(`reads what is wrong and what to do: ${name}`, async function () {
      const { simulator, page } = harness();
      if (name.startsWith('NATS') && !nats) this.skip();
      const nodes = changed(flowOf(simulator), 'shop', { name });
      await harness().deployElsewhere(flow?.(nodes, simulator) ?? nodes);
      const tab = page.locator('.chatapp-sidebar');
      // The state of the flow before is shown until Node-RED says that it has changed.
      const isThere = isFromStart ? 'Receiving: 0 of 1' : 'Receiving: 1 of 1';
      await tab.locator(`.chatapp-row:has(.chatapp-title:text-is("${name}"))`, { hasText: isThere }).waitFor();
      await breaks(simulator);
      const until = performance.now() + WAIT_LIMIT;
      let text = await tab.innerText();
      while (!seen.test(text) && performance.now() < until) text = await tab.innerText();
      await harness().screenshot(`fault ${name}`, tab);
      assert.match(text, seen);
    });
  }
});
