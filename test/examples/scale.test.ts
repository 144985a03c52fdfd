import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { isRecord } from '../../src/events/json';
import { ExampleHarness, type RunningExample } from '../support/example-harness';
import { HttpStub, type FarRequest } from '../support/http-stub';
import { startNats, type Nats } from '../support/nats';
import { ALL_NODES, startNodeRedChild, type FlowNode, type NodeRedChild } from '../support/node-red-child';

const EXAMPLE = 'scale/share-the-work';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const EVENTS = 'chatapp-2.*.events.>';
const DEAD_LETTERS = join(__dirname, '../../docs/scaling/dead-letters.mjs');

describe('the example scale/share-the-work', () => {
  let nats: Nats;
  let harness: ExampleHarness;
  let other: NodeRedChild;
  let api: HttpStub;
  let nodes: readonly FlowNode[];
  let flow: RunningExample;
  const ends: (() => Promise<unknown>)[] = [];

  before(async function () {
    const started = await startNats();
    if (!started) {
      console.log('      skipped: nats-server is not installed (apt-get install nats-server)');
      return this.skip();
    }
    nats = started;
    ends.unshift(() => nats.end());
    api = await HttpStub.start();
    ends.unshift(() => api.down());
    harness = await ExampleHarness.start();
    ends.unshift(() => harness.close());
    const variables = { WORK_URL: `${api.url}/work`, ALERT_URL: `${api.url}/alert` };
    const imported = await harness.imported(EXAMPLE, { variables });
    nodes = imported.map((node) =>
      node.type === 'chatapp-connection' ? { ...node, cluster: nats.servers.join(',') } : node,
    );
    flow = await harness.deploy(nodes);
    await flow.untilListening();
    other = await anotherInstance();
  });

  after(async () => {
    for (const end of ends) await end();
  });

  beforeEach(() => {
    api.requests.length = 0;
    api.answerWith(() => ({}));
  });

  it('shares the messages among the instances: each once, and those of a chat in order', async () => {
    const running = new Map<string, number>();
    api.answerWith(async ({ json }) => {
      const chat = chatOf(json);
      running.set(chat, (running.get(chat) ?? 0) + 1);
      assert.equal(running.get(chat), 1, 'the one before is not done');
      await new Promise((settle) => setTimeout(settle, 20));
      running.set(chat, 0);
      return {};
    });
    const chats = Array.from({ length: 20 }, (_, number) => `7${number}`);
    const sent = [0, 1, 2].flatMap((round) =>
      chats.map((id) => harness.simulator.message({ ...LINE, chat: { id }, text: `${id} ${round}` })),
    );
    await api.until((requests) => requests.length >= sent.length);
    assert.equal(new Set(keys()).size, sent.length);
    for (const id of chats) {
      assert.deepEqual(
        textsOf(id),
        [0, 1, 2].map((round) => `${id} ${round}`),
      );
    }
    await until('both at work', () =>
      [harness.nodeRed, other].every((instance) => lastStatus(instance, 'done').startsWith('done')),
    );
  });

  it('tries again what the API refuses or does not answer, as the same message, before the next of its chat', async () => {
    const failed = new Set<string>();
    api.answerWith(({ json }) => {
      const chat = chatOf(json);
      if (failed.has(chat)) return {};
      failed.add(chat);
      return chat === '7' ? { status: 503 } : undefined;
    });
    for (const id of ['7', '8']) {
      for (const text of ['one', 'two']) harness.simulator.message({ ...LINE, chat: { id }, text });
    }
    await api.until((requests) => requests.length >= 6);
    for (const chat of ['7', '8']) {
      assert.deepEqual(textsOf(chat), ['one', 'one', 'two']);
      const [first, second, third] = keys(chat);
      assert.equal(second, first);
      assert.notEqual(third, first);
    }
  });

  it('sends a dead letter to the flow again if somebody wants it', async () => {
    harness.simulator.message({ ...LINE, chat: { id: '7' }, text: 'given up' });
    await api.until((requests) => requests.length >= 1);
    await keepAsDeadLetter();
    const [number = ''] = /\b[0-9a-f]{6}\.\d+\b/.exec(await deadLetters('list')) ?? [];
    assert.match(await deadLetters('show', number), /"text": "given up"/);
    assert.match(await deadLetters('resend', number), /was sent again/);
    await api.until((requests) => requests.length >= 2);
    assert.equal(textsOf('7').at(-1), 'given up');
    assert.doesNotMatch(await deadLetters('list'), /message/);
  });

  it('gives to the other instance what an instance had in flight when it was killed', async () => {
    // Both are at work, and wait: whichever of these messages the second instance has, the first one gets them.
    const waiting: (() => void)[] = [];
    let isSlow = true;
    api.answerWith(async () => {
      if (isSlow) await new Promise<void>((settle) => waiting.push(settle));
      return {};
    });
    const ids = Array.from({ length: 30 }, (_, number) => `8${number}`);
    for (const id of ids) harness.simulator.message({ ...LINE, chat: { id }, text: id });
    await api.until((requests) => requests.length >= 16);
    isSlow = false;
    assert.ok(other.pid !== undefined);
    process.kill(other.pid, 'SIGKILL');
    for (const release of waiting) release();
    await api.until((requests) => new Set(requests.map(({ json }) => textOf(json))).size >= ids.length);
    const done = api.requests.map(({ json }) => textOf(json));
    assert.deepEqual([...new Set(done)].sort(), [...ids].sort());
    assert.equal(new Set(keys()).size, ids.length);
  });

  async function anotherInstance(): Promise<NodeRedChild> {
    const instance = await startNodeRedChild(undefined, {}, ALL_NODES);
    ends.unshift(() => instance.stop());
    await instance.deploy(nodes);
    await instance.untilListening(idOf('a message'));
    return instance;
  }

  function idOf(name: string): string {
    return nodes.find((node) => node.name === name)?.id ?? assert.fail(name);
  }

  function lastStatus(instance: NodeRedChild, type: 'done'): string {
    const id = nodes.find((node) => node.type === `chatapp-${type}`)?.id ?? assert.fail(type);
    return String(instance.statuses(id).at(-1)?.text);
  }

  /** On whichever instance. */
  async function until(what: string, holds: () => boolean): Promise<void> {
    await Promise.any([harness.nodeRed, other].map((instance) => instance.until(what, holds)));
  }

  /** Stores the latest event as the cluster stores one after five attempts, for which nobody waits here. */
  async function keepAsDeadLetter(): Promise<void> {
    const client = await connect({ servers: [...nats.servers] });
    try {
      const manager = await jetstreamManager(client);
      const [stream = ''] = await manager.streams.names(EVENTS).next();
      const message = (await manager.streams.getMessage(stream, { last_by_subj: EVENTS })) ?? assert.fail('no event');
      const [prefix, id, , listener] = message.subject.split('.');
      const reasons = headers();
      reasons.set('Chatapp-Reason', 'attempts');
      reasons.set('Chatapp-From', message.subject);
      await jetstream(client).publish([prefix, id, 'dead', listener].join('.'), message.data, { headers: reasons });
    } finally {
      await client.close();
    }
  }

  function textsOf(chat: string): unknown[] {
    return api.requests.flatMap(({ json }) => (chatOf(json) === chat ? [textOf(json)] : []));
  }

  /** Of one chat, or of all. */
  function keys(chat?: string): unknown[] {
    const wanted = api.requests.filter(({ json }) => chat === undefined || chatOf(json) === chat);
    return wanted.map(({ headers }: FarRequest) => headers['idempotency-key']);
  }

  async function deadLetters(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, NATS_SERVERS: nats.servers.join(',') };
    const { stdout } = await promisify(execFile)(process.execPath, [DEAD_LETTERS, ...args], {
      cwd: harness.folder,
      env,
    });
    return stdout;
  }
});

function chatOf(json: unknown): string {
  return isRecord(json) && isRecord(json.chat) ? String(json.chat.id) : '';
}

function textOf(json: unknown): unknown {
  return isRecord(json) && isRecord(json.message) ? json.message.text : undefined;
}
