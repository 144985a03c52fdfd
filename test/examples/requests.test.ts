import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import type { MessageToMake } from '../../simulator/contract';
import { ExampleHarness, type ExampleSettings } from '../support/example-harness';
import { HttpStub, type FarRequest } from '../support/http-stub';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const CHAT = { id: '4711', name: 'Ana <b>', phone: '77000000001' };
const TEXT = 'A table for two & a dog?\n<!channel>';
const PICTURE = { link: 'https://example.com/menu.jpg?a=1&b=2', name: 'menu.jpg', mimeType: 'image/jpeg' };

/** A message of a customer, and what an example makes of it. */
interface Case {
  readonly name: string;
  readonly title: string;
  readonly variables: (url: string) => NonNullable<ExampleSettings['variables']>;
  readonly service?: string;
  readonly message?: Partial<MessageToMake>;
  readonly expected: Partial<FarRequest>;
}

const slack = (url: string): Record<string, string> => ({ SLACK_WEBHOOK_URL: `${url}/hook` });
const CASES: readonly Case[] = [
  {
    name: 'slack/notify',
    title: 'posts name and text, and nobody can call the channel',
    variables: slack,
    expected: {
      method: 'POST',
      path: '/hook',
      json: { text: 'Ana &lt;b>: A table for two & a dog?\n&lt;!channel>' },
    },
  },
  {
    name: 'slack/notify-robust',
    title: 'posts name, line and text',
    variables: slack,
    expected: { json: { text: '*Ana &lt;b>* (Flower shop, telegram)\nA table for two & a dog?\n&lt;!channel>' } },
  },
  {
    name: 'slack/notify-robust',
    title: 'names an edited message and the address of a file',
    variables: slack,
    message: { text: '', type: 'image', edited: true, message: { text: null, caption: 'The menu', file: PICTURE } },
    expected: {
      json: { text: `*Ana &lt;b>* (Flower shop, telegram) edited\nThe menu\n${PICTURE.link}` },
    },
  },
  {
    name: 'slack/threads',
    title: 'opens a thread for a chat',
    variables: () => ({ SLACK_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1' }),
    service: 'https://slack.com',
    expected: {
      path: '/api/chat.postMessage',
      json: { channel: 'C1', text: '*Ana &lt;b>*\nA table for two & a dog?\n&lt;!channel>' },
    },
  },
  {
    name: 'teams/notify',
    title: 'posts a card',
    variables: (url) => ({ TEAMS_URL: `${url}/hook` }),
    expected: {
      json: {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: {
              type: 'AdaptiveCard',
              version: '1.4',
              body: [{ type: 'TextBlock', wrap: true, text: `Ana <b>: ${TEXT}` }],
            },
          },
        ],
      },
    },
  },
  {
    name: 'discord/notify',
    title: 'posts name and text, and nobody can call everyone',
    variables: (url) => ({ DISCORD_URL: `${url}/hook` }),
    expected: { json: { content: `Ana <b>: ${TEXT}`, allowed_mentions: { parse: [] } } },
  },
  {
    name: 'telegram/alert',
    title: 'posts a message with one of the words',
    variables: (url) => ({ TELEGRAM_URL: `${url}/bot1/sendMessage`, TELEGRAM_CHAT: '12' }),
    message: { text: 'I want a REFUND' },
    expected: {
      path: '/bot1/sendMessage',
      json: { chat_id: '12', text: 'Ana <b> (Flower shop): I want a REFUND' },
    },
  },
];

describe('the request of an example', () => {
  let harness: ExampleHarness;
  let stub: HttpStub;

  before(async () => {
    harness = await ExampleHarness.start();
  });
  after(() => harness.close());
  beforeEach(async () => {
    stub = await HttpStub.start();
  });
  afterEach(async () => {
    await harness.deploy([]);
    await stub.down();
  });

  it('puts later messages of a chat into its thread: slack/threads', async () => {
    let count = 0;
    stub.answerWith(({ json }) => {
      count += 1;
      const thread = isRecord(json) ? json.thread_ts : undefined;
      return { body: { ok: true, ts: `${count}.0`, message: thread === undefined ? {} : { thread_ts: thread } } };
    });
    const variables = { SLACK_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1' };
    await harness.run('slack/threads', { variables, services: { 'https://slack.com': stub.url } });
    for (const chat of ['1', '1', '2', '1', '2']) harness.simulator.message({ ...LINE, chat, text: `of ${chat}` });
    await stub.until(({ length }) => length === 5);
    const threads = new Map<string, Set<unknown>>();
    for (const { json, headers } of stub.requests) {
      assert.equal(headers.authorization, 'Bearer xoxb-1');
      const [chat = ''] = isRecord(json) ? (/of \d/.exec(String(json.text)) ?? []) : [];
      threads.set(chat, (threads.get(chat) ?? new Set()).add(isRecord(json) ? json.thread_ts : ''));
    }
    // The first of each opens a thread, and the others are below it.
    assert.deepEqual(
      [...threads.values()].map(({ size }) => size),
      [2, 2],
    );
    assert.ok([...threads.values()].every((found) => found.has(undefined)));
  });

  for (const { name, title, variables, service, message, expected } of CASES) {
    it(`${title}: ${name}`, async () => {
      const services = service === undefined ? {} : { [service]: stub.url };
      await harness.run(name, { variables: variables(stub.url), services });
      harness.simulator.message({ ...LINE, chat: CHAT, text: TEXT, ...message });
      await stub.until(({ length }) => length > 0);
      const [request] = stub.requests;
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(Reflect.get(request ?? {}, key), value, key);
      }
      assert.equal(stub.requests.length, 1);
    });
  }
});
