import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type WebSocket from 'ws';
import { startNodeRed, type NodeRedProcess } from '../../scripts/demo/node-red';
import { entriesOf, examples, linkExamples, type FlowNode } from '../../scripts/example-flows';
import { startSimulator, type Simulator } from '../../simulator';
import { channelName, sampleEnvelope } from '../../src/events';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { Changes } from '../support/changes';
import { HttpFarEnd } from '../support/http-far-end';
import { connectionTo, watchEditor } from '../support/node-red-child';
import { firstIdIn, sentBy } from './answering';

/** Each example has a messenger of its own, and a chat there by its name, so that none answers the customers of another one. */
const PLACES = {
  'answer/questions': { licenseId: '50101', messengerType: 'telegram' },
  'answer/menu-bot': { licenseId: '50101', messengerType: 'grWhatsApp' },
  'answer/out-of-hours': { licenseId: '50102', messengerType: 'caWhatsApp' },
  'answer/delivery-report': { licenseId: '50102', messengerType: 'instagram' },
} as const;
type Name = keyof typeof PLACES;
const NAMES = ['answer/questions', 'answer/menu-bot', 'answer/out-of-hours', 'answer/delivery-report'] as const;
const QUESTIONS = JSON.stringify([
  { key: 'name', ask: 'Name?' },
  { key: 'town', ask: 'Town?' },
]);
/** A day of the week that is neither today nor next to it. */
const ANOTHER_DAY = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][(new Date().getUTCDay() + 3) % 7] ?? '';

describe('the examples that answer, with their context on disk', () => {
  let folder: string;
  let simulator: Simulator;
  let ear: HttpFarEnd;
  let nodeRed: NodeRedProcess;
  let editor: WebSocket;
  const shown: string[] = [];
  /** Each node's status, by its id. */
  const statuses = new Map<string, JsonRecord>();
  const news = new Changes();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatapp-restart-'));
    await linkExamples(folder);
    simulator = await startSimulator();
    ear = await HttpFarEnd.start();
    for (const { licenseId, messengerType } of Object.values(PLACES)) {
      const place = { licenseId: Number(licenseId), messengerType };
      simulator.callbacks.plant({ ...place, events: ['message'], url: ear.url });
    }
    await start();
  });

  after(async () => {
    editor.terminate();
    await nodeRed.stop();
    await simulator.close();
    await ear.down();
    await rm(folder, { recursive: true, force: true });
  });

  it('go on after a restart where they were', async () => {
    simulator.faults.sentMessagesEnd('silence');
    await deploy(NAMES.flatMap(nodesOf));
    await listening();
    write('answer/questions', 'order');
    write('answer/menu-bot', '0');
    write('answer/out-of-hours', 'hello');
    await press('send the text');
    await ear.until(() => NAMES.every((name) => sentTo(name).length === 1));
    await answered();

    editor.terminate();
    await nodeRed.stop();
    await start();
    await listening();
    tellViewed();
    write('answer/menu-bot', 'hello?');
    write('answer/out-of-hours', 'hello?');
    write('answer/questions', 'Adam');
    await ear.until(() => sentTo('answer/questions').length === 2);
    assert.equal(sentTo('answer/questions')[1], 'Town?');
    await news.until(
      () => shown.some((text) => text.startsWith('viewed after ')),
      () => shown,
    );
    assert.deepEqual([sentTo('answer/menu-bot').length, sentTo('answer/out-of-hours').length], [1, 1]);
  });

  async function start(): Promise<void> {
    const settings = { contextStorage: { default: { module: 'localfilesystem' } } };
    statuses.clear();
    nodeRed = await startNodeRed({ folder, port: 0, settings });
    editor = await watchEditor(nodeRed.url, (topic, data) => {
      if (topic === 'debug') shown.push(String(data.msg));
      if (topic.startsWith('status/')) statuses.set(topic.slice('status/'.length), data);
      news.happened();
    });
  }

  function nodesOf(name: Name): FlowNode[] {
    const { nodes } = examples().find((example) => example.name === name) ?? assert.fail(name);
    const { licenseId, messengerType } = PLACES[name];
    const values = { QUESTIONS, CHAT: name, WORK_DAYS: ANOTHER_DAY, LINE: licenseId, MESSENGER: messengerType };
    const own = new Map<string, string>(Object.entries(values));
    return nodes.map((node) => {
      if (node.type === 'chatapp-connection') return { ...node, ...connectionTo(simulator, node.id) };
      const env = entriesOf(node.env).filter(isRecord);
      const filled = env.map((one) => ({ ...one, value: own.get(String(one.name)) ?? one.value }));
      return node.type === 'tab' ? { ...node, env: filled } : node;
    });
  }

  async function deploy(nodes: readonly FlowNode[]): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${nodeRed.url}/flows`, { method: 'POST', headers, body: JSON.stringify(nodes) });
    assert.ok(answer.ok);
  }

  async function press(name: string): Promise<void> {
    const button = NAMES.flatMap(nodesOf).find((node) => node.name === name)?.id ?? '';
    const answer = await fetch(`${nodeRed.url}/inject/${button}`, { method: 'POST' });
    assert.ok(answer.ok);
  }

  /** The server has subscribed all listeners, and they know it: a status that comes before has no history. */
  async function listening(): Promise<void> {
    const channels = NAMES.map((name) => channelName({ type: 'messenger', ...PLACES[name] }));
    await simulator.until(() => channels.every((channel) => simulator.subscriptions(channel) > 0));
    const listeners = NAMES.flatMap(nodesOf).filter(({ type }) => type === 'chatapp-messenger');
    await news.until(
      () => listeners.every(({ id }) => statuses.get(id)?.fill === 'green'),
      () => [...statuses],
    );
  }

  /** The flows have got the answers to what they sent, which the customers may have read before. */
  async function answered(): Promise<void> {
    const fare = NAMES.flatMap(nodesOf).find(({ name }) => name === 'how does it fare?') ?? assert.fail();
    const others = NAMES.filter((name) => name !== 'answer/delivery-report');
    const isShown = (name: Name): boolean => shown.some((text) => text.includes(`"chatId":"${name}"`));
    await news.until(
      () => statuses.get(fare.id)?.text === '1 followed' && others.every(isShown),
      () => [...statuses, ...shown],
    );
  }

  function write(name: Name, text: string): void {
    simulator.message({ ...PLACES[name], chat: name, text });
  }

  function sentTo(name: Name): string[] {
    return sentBy(simulator, ear, name);
  }

  function tellViewed(): void {
    const address = { type: 'messenger', ...PLACES['answer/delivery-report'] } as const;
    const item = {
      id: firstIdIn(simulator),
      type: 'viewed',
      time: Math.floor(Date.now() / 1000),
      chat: { id: 'answer/delivery-report' },
      fromApp: null,
    };
    const { meta } = sampleEnvelope('messageStatus', address);
    simulator.announce(channelName(address), 'messageStatus', { data: [item], meta: { ...meta } });
  }
});
