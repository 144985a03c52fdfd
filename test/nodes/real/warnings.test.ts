import assert from 'node:assert/strict';
import { startNodeRedChild, type FlowNode, type NodeRedChild } from '../../support/node-red-child';

const SECRET = 'S3CR3T';
const UNSAFE = { type: 'chatapp-connection', apiUrl: `http://shop:${SECRET}@api.invalid`, appKey: SECRET };
const CREDENTIALS = { email: `${SECRET}@shop.test`, password: SECRET, appId: SECRET, clusterToken: SECRET };

/**
 * Four connections: the second has a socket without encryption and NATS without a login as well, the third a webhook without
 * encryption, the fourth a login that goes to NATS without it.
 */
const FLOW: readonly FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Flow' },
  { ...UNSAFE, id: 'one', auth: 'account', socketUrl: 'wss://socket.invalid', credentials: CREDENTIALS },
  {
    ...UNSAFE,
    id: 'two',
    auth: 'token',
    socketUrl: `ws://shop:${SECRET}@socket.invalid:6001`,
    cluster: 'nats://127.0.0.1:1',
    credentials: { ...CREDENTIALS, accessToken: SECRET, refreshToken: SECRET },
  },
  {
    id: 'three',
    type: 'chatapp-connection',
    auth: 'account',
    receive: 'both',
    webhookUrl: 'http://flows.invalid',
    credentials: CREDENTIALS,
  },
  {
    id: 'four',
    type: 'chatapp-connection',
    auth: 'account',
    cluster: 'nats://nats.invalid:4222',
    clusterAuth: 'token',
    credentials: CREDENTIALS,
  },
];

describe('the log of a Node-RED with connections that are not safe', () => {
  let nodeRed: NodeRedChild;
  before(async () => {
    nodeRed = await startNodeRedChild();
  });
  after(() => nodeRed.stop());

  const logged = (words: RegExp): (string | undefined)[] =>
    nodeRed.lines.flatMap((line) => (words.test(line) ? [/\[chatapp-connection:(\w+)\]/.exec(line)?.[1]] : []));

  it('has each warning once for each connection, and once that there is no adminAuth, however often it is deployed', async () => {
    await nodeRed.deploy(FLOW);
    await nodeRed.until('the last warning', () => logged(/\[warn\].*the NATS login goes to/).length > 0);
    await nodeRed.deploy([...FLOW, { id: 'other', type: 'comment', z: 'tab' }]);
    await nodeRed.deploy([{ id: 'tab', type: 'tab', label: 'Flow' }]);
    assert.deepEqual(logged(/\[warn\].*logins and tokens go to api\.invalid in plain text/), ['one', 'two']);
    assert.deepEqual(logged(/\[warn\].*events come from socket\.invalid:6001 in plain text/), ['two']);
    assert.deepEqual(logged(/\[warn\].*NATS without a login/), ['two']);
    assert.deepEqual(logged(/\[warn\].*customers' messages to flows\.invalid in plain text/), ['three']);
    assert.deepEqual(logged(/\[warn\].*the NATS login goes to nats\.invalid:4222 in plain text/), ['four']);
    assert.deepEqual(logged(/\[warn\].*no login/), ['one']);
  });

  it('holds no secret', () => {
    assert.deepEqual(
      nodeRed.lines.filter((line) => line.includes(SECRET)),
      [],
    );
  });
});
