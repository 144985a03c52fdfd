import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isRecord } from '../../src/events/json';
import { ExampleStage, type RunningExample } from '../support/example-stage';
import { HttpFarEnd, type FarRequest } from '../support/http-far-end';
import { startNats, type Nats } from '../support/nats';
import { startNodeRedChild, type FlowNode, type NodeRedChild } from '../support/node-red-child';

const EXAMPLE = 'scale/share-the-work';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const PUT_ASIDE = 'put aside: connect e-mail or Slack here';
const DEAD_LETTERS = join(__dirname, '../../docs/scaling/dead-letters.mjs');

describe('the example scale/share-the-work', () => {
  let nats: Nats;
  let stage: ExampleStage;
  let other: NodeRedChild;
  let api: HttpFarEnd;
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
    api = await HttpFarEnd.start();
    ends.unshift(() => api.down());
    stage = await ExampleStage.start();
    ends.unshift(() => stage.close());
    const variables = { WORK_URL: `${api.url}/work`, TIMEOUT_SECONDS: 5, RETRY_SECONDS: 0.1 };
    const imported = await stage.imported(EXAMPLE, { variables });
    nodes = imported.map((node) => ('cluster' in node ? { ...node, cluster: nats.servers.join(',') } : node));
    flow = await stage.deploy(nodes);
    await flow.untilListening();
    other = await anotherCopy();
  });

  after(async () => {
    for (const end of ends) await end();
  });

  beforeEach(() => {
    api.requests.length = 0;
    api.answerWith(() => ({}));
  });

  it('shares the messages among the copies: each once, and those of a chat in order', async () => {
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
      chats.map((id) => stage.simulator.message({ ...LINE, chat: { id }, text: `${id} ${round}` })),
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
      [stage.nodeRed, other].every((copy) => lastStatus(copy, 'done').startsWith('done')),
    );
  });

  it('tries again what the API refuses or does not answer, as the same message, before the next of its chat', async () => {
    api.answerWith(() => (api.requests.length === 1 ? { status: 503 } : api.requests.length === 2 ? undefined : {}));
    for (const text of ['one', 'two']) stage.simulator.message({ ...LINE, chat: { id: '7' }, text });
    await api.until((requests) => requests.length >= 4);
    assert.deepEqual(textsOf('7'), ['one', 'one', 'one', 'two']);
    const [first, second, third, fourth] = keys();
    assert.deepEqual([second, third], [first, first]);
    assert.notEqual(fourth, first);
  });

  it('puts aside what five tries could not do, tells it once, and sends it again when somebody wants it', async () => {
    api.answerWith(({ json }) => ({ status: textOf(json) === 'poison' ? 422 : 200 }));
    for (const text of ['poison', 'next']) stage.simulator.message({ ...LINE, chat: { id: '7' }, text });
    await api.until((requests) => requests.some(({ json }) => textOf(json) === 'next'));
    assert.deepEqual(textsOf('7'), [...Array.from({ length: 5 }, () => 'poison'), 'next']);
    await until('the error', () => told().length > 0);
    const [error] = told();
    assert.match(JSON.stringify(error), /in 5 attempts.*DELIVERY_FAILED/);
    assert.equal(told().length, 1);

    api.answerWith(() => ({}));
    const [number = ''] = /\b[0-9a-f]{6}\.\d+\b/.exec(await deadLetters('list')) ?? [];
    assert.match(await deadLetters('show', number), /"text": "poison"/);
    assert.match(await deadLetters('resend', number), /was sent again/);
    await api.until((requests) => requests.length >= 7);
    assert.equal(textsOf('7').at(-1), 'poison');
    assert.doesNotMatch(await deadLetters('list'), /message/);
  });

  it('gives to the other copy what a copy had in hand when it was killed', async () => {
    // Both are at work, and wait: whichever of these messages the second copy has, the first one gets them.
    const waiting: (() => void)[] = [];
    let isSlow = true;
    api.answerWith(async () => {
      if (isSlow) await new Promise<void>((settle) => waiting.push(settle));
      return {};
    });
    const ids = Array.from({ length: 30 }, (_, number) => `8${number}`);
    for (const id of ids) stage.simulator.message({ ...LINE, chat: { id }, text: id });
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

  async function anotherCopy(): Promise<NodeRedChild> {
    const copy = await startNodeRedChild();
    ends.unshift(() => copy.stop());
    await copy.deploy(nodes);
    await copy.untilListening(idOf('a message'));
    return copy;
  }

  function idOf(name: string): string {
    return nodes.find((node) => node.name === name)?.id ?? assert.fail(name);
  }

  function lastStatus(copy: NodeRedChild, type: 'done'): string {
    const id = nodes.find((node) => node.type === `chatapp-${type}` && node.failed === false)?.id ?? assert.fail(type);
    return String(copy.statuses(id).at(-1)?.text);
  }

  /** Whichever copy has the last word. */
  async function until(what: string, holds: () => boolean): Promise<void> {
    await Promise.any([stage.nodeRed, other].map((copy) => copy.until(what, holds)));
  }

  function told(): unknown[] {
    return [...flow.shown(PUT_ASIDE), ...other.shownBy(idOf(PUT_ASIDE))];
  }

  function textsOf(chat: string): unknown[] {
    return api.requests.flatMap(({ json }) => (chatOf(json) === chat ? [textOf(json)] : []));
  }

  function keys(): unknown[] {
    return api.requests.map(({ headers }: FarRequest) => headers['idempotency-key']);
  }

  async function deadLetters(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, NATS_SERVERS: nats.servers.join(',') };
    const { stdout } = await promisify(execFile)(process.execPath, [DEAD_LETTERS, ...args], { cwd: stage.folder, env });
    return stdout;
  }
});

function chatOf(json: unknown): string {
  return isRecord(json) && isRecord(json.chat) ? String(json.chat.id) : '';
}

function textOf(json: unknown): unknown {
  return isRecord(json) && isRecord(json.message) ? json.message.text : undefined;
}
