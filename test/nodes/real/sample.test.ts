import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage, startNodeRed } from '../../../scripts/demo/node-red';
import { SAMPLES } from '../../../src/events';
import { at } from '../../support/flow';
import { debugNode, startNodeRedChild, type NodeRedChild } from '../../support/node-red-child';

const press = (url: string, id: string): Promise<Response> => fetch(`${url}/chatapp/sample/${id}`, { method: 'POST' });

describe('samples', function () {
  this.timeout(40_000);
  let nodeRed: NodeRedChild;

  before(async () => {
    nodeRed = await startNodeRedChild();
    const listener = { z: 'tab', connection: 'chatapp', wires: [['shown']] };
    await nodeRed.deploy([
      { id: 'tab', type: 'tab', label: 'test' },
      // No account at all: a flow can be tried before there is one.
      { id: 'chatapp', type: 'chatapp-connection', name: '' },
      { id: 'all', type: 'chatapp-messenger', ...listener },
      { id: 'user', type: 'chatapp-user', userId: '7001', ...listener },
      { id: 'unfinished', type: 'chatapp-employee', ...listener },
      {
        id: 'separate',
        type: 'chatapp-messenger',
        ...listener,
        licenseId: '50101',
        messengerType: 'telegram',
        events: ['chatTag', 'message'],
        separate: true,
        outputs: 2,
        wires: [['shown-first'], ['shown-second']],
      },
      ...['shown', 'shown-first', 'shown-second'].map((id) => debugNode(id, 'tab')),
    ]);
    // A deploy is answered before its nodes are there; without an account each says so as soon as it is.
    const ids = ['all', 'user', 'unfinished', 'separate'];
    await nodeRed.until('the listeners', () => ids.every((id) => nodeRed.statuses(id).length > 0));
  });
  after(() => nodeRed.stop());

  it('go through a flow without an account, as a real item would, and say that they are samples', async () => {
    assert.deepEqual(await (await press(nodeRed.url, 'user')).json(), { event: 'quickResponseList' });
    await nodeRed.until('the sample', () => nodeRed.shownBy('shown').length === 1);
    const [message] = nodeRed.shownBy('shown');
    assert.equal(at(message, 'topic'), 'quickResponseList');
    assert.deepEqual(at(message, 'payload'), SAMPLES.quickResponseList[0]);
    const told = ['sample', 'channel', 'userId', 'recovered'].map((name) => at(message, 'chatapp', name));
    assert.deepEqual(told, [true, 'private-v1.users.7001', '7001', false]);
  });

  it('are of the chosen events in turn, each at its own output', async () => {
    const events = [];
    for (let turn = 0; turn < 3; turn += 1)
      events.push(at(await (await press(nodeRed.url, 'separate')).json(), 'event'));
    assert.deepEqual(events, ['message', 'chatTag', 'message']);
    await nodeRed.until('the samples', () => nodeRed.shownBy('shown-first').length === 2);
    assert.equal(nodeRed.shownBy('shown-second').length, 1);
    assert.equal(at(nodeRed.shownBy('shown-first')[0], 'chatapp', 'licenseId'), '50101');
  });

  it('come for all lines, and for a node whose ids are still missing', async () => {
    const before = nodeRed.shownBy('shown').length;
    for (const id of ['all', 'unfinished']) assert.equal((await press(nodeRed.url, id)).status, 200);
    await nodeRed.until('the samples', () => nodeRed.shownBy('shown').length === before + 2);
  });

  it('are only for listeners that are deployed', async () => {
    for (const id of ['nobody', 'shown', 'chatapp', '__proto__']) {
      assert.equal((await press(nodeRed.url, id)).status, 404, id);
    }
  });

  it('are only for users who may write', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-sample-'));
    await linkPackage(folder);
    const adminAuth = { type: 'credentials', users: [], default: { permissions: 'read' } };
    const guarded = await startNodeRed({ folder, port: 0, settings: { adminAuth } });
    try {
      assert.equal((await fetch(`${guarded.url}/settings`)).status, 200);
      assert.equal((await press(guarded.url, 'any')).status, 401);
    } finally {
      await guarded.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
