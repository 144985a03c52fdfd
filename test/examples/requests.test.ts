import assert from 'node:assert/strict';
import type { MessageToMake } from '../../simulator/contract';
import { ExampleStage, type ExampleSettings } from '../support/example-stage';
import { HttpFarEnd, type FarRequest } from '../support/http-far-end';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const CHAT = { id: '4711', name: 'Ana <b>', phone: '77000000001' };
const TEXT = 'A table for two & a dog?\n<!channel>';
const PICTURE = { link: 'https://example.com/menu.jpg?a=1&b=2', name: 'menu.jpg', mimeType: 'image/jpeg' };

/** A message of a customer, and what an example makes of it. */
interface Case {
  readonly name: string;
  readonly title: string;
  readonly variables: (url: string) => NonNullable<ExampleSettings['variables']>;
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
];

describe('the request of an example', () => {
  let stage: ExampleStage;
  let stub: HttpFarEnd;

  before(async () => {
    stage = await ExampleStage.start();
  });
  after(() => stage.close());
  beforeEach(async () => {
    stub = await HttpFarEnd.start();
  });
  afterEach(async () => {
    await stage.deploy([]);
    await stub.down();
  });

  for (const { name, title, variables, message, expected } of CASES) {
    it(`${title}: ${name}`, async () => {
      await stage.run(name, { variables: variables(stub.url) });
      stage.simulator.message({ ...LINE, chat: CHAT, text: TEXT, ...message });
      await stub.until(({ length }) => length > 0);
      const [request] = stub.requests;
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(Reflect.get(request ?? {}, key), value, key);
      }
      assert.equal(stub.requests.length, 1);
    });
  }
});
