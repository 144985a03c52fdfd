import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import { ExampleHarness } from '../support/example-harness';
import { HttpStub } from '../support/http-stub';

const EXAMPLE = 'slack/connection-alerts';

describe('the example that alerts what happens to the connection', () => {
  let harness: ExampleHarness;
  let stub: HttpStub;
  before(async () => {
    harness = await ExampleHarness.start();
    stub = await HttpStub.start();
  });
  after(async () => {
    await harness.close();
    await stub.down();
  });

  const texts = (): string[] => stub.requests.map(({ json }) => String(isRecord(json) ? json.text : undefined));
  const settings = (): object => ({ SLACK_WEBHOOK_URL: `${stub.url}/hook` });

  it('says when the connection is lost, and when it is there again, each once', async () => {
    await harness.run(EXAMPLE, { variables: { ...settings() } });
    await stub.until(({ length }) => length === 1);
    harness.simulator.dropAll();
    await stub.until(({ length }) => length === 3);
    assert.deepEqual(texts(), [
      'ChatApp: the connection is there.',
      'ChatApp: the connection is lost. It is tried again until it works.',
      'ChatApp: the connection is there.',
    ]);
  });

  it('says how much was fetched and what was given up, and leaves out all other statuses', async () => {
    const nodes = await harness.imported(EXAMPLE, { variables: { ...settings() } });
    const { id, z } = nodes.find(({ name }) => name === 'what happened') ?? assert.fail();
    const source = { id: 'c', type: 'chatapp-connection', name: 'Main' };
    const statuses = [
      { fill: 'green', shape: 'dot', text: 'listening', source },
      { event: 'tokenRenewed', source },
      { event: 'gapOpened', channels: 2, source },
      { event: 'gapClosed', channels: 2, fetched: 7, source },
      { event: 'deadLetter', listener: 'l', eventName: 'message', source },
    ];
    const injects = statuses.map((status, index) => ({
      ...{ id: `c0ffee${index}`, type: 'inject', name: `status ${index}`, z, repeat: '', once: false, wires: [[id]] },
      props: [{ p: 'status', v: JSON.stringify(status), vt: 'json' }],
    }));
    const flow = await harness.deploy([...nodes, ...injects]);
    const before = stub.requests.length;
    for (const { name } of injects) await flow.press(name);
    await stub.until(({ length }) => length >= before + 2);
    assert.deepEqual(
      texts()
        .filter((text) => text.startsWith('ChatApp Main'))
        .sort(),
      [
        'ChatApp Main: 7 missing messages were fetched.',
        'ChatApp Main: a flow gave up an event "message". It is kept as a dead letter.',
      ],
    );
  });

  it('shows an alert that Slack does not take, or that cannot be sent', async () => {
    stub.answerWith(() => ({ status: 403, body: 'invalid_token' }));
    const flow = await harness.run(EXAMPLE, { variables: { ...settings() } });
    harness.simulator.dropAll();
    await harness.nodeRed.until('the refusal', () => flow.shown('not delivered').includes('invalid_token'));
    await stub.down();
    harness.simulator.dropAll();
    const isNetworkError = (shown: unknown): boolean => /ECONNREFUSED/.test(String(shown));
    await harness.nodeRed.until('the failure', () => flow.shown('not delivered').some(isNetworkError));
  });
});
