import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage, startNodeRed } from '../../../scripts/demo/node-red';
import { CHANNEL_TYPES, eventsOf, SAMPLES } from '../../../src/events';
import { at } from '../../support/flow';
import { debugNode, LEAN_SETTINGS, sharedNodeRed, type NodeRedChild } from '../../support/node-red-child';

const press = (url: string, id: string): Promise<Response> => fetch(`${url}/chatapp/sample/${id}`, { method: 'POST' });

const look = (url: string, path: string): Promise<Response> => fetch(`${url}/chatapp/sample/${path}`);

describe('samples', () => {
  let nodeRed: NodeRedChild;

  before(async () => {
    nodeRed = await sharedNodeRed();
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
  after(() => nodeRed.deploy([]));

  it('go through a flow without an account, as a real item would, and say that they are samples', async () => {
    assert.deepEqual(await (await press(nodeRed.url, 'user')).json(), { event: 'quickResponseList' });
    await nodeRed.until('the sample', () => nodeRed.shownBy('shown').length === 1);
    const [message] = nodeRed.shownBy('shown');
    assert.equal(at(message, 'topic'), 'quickResponseList');
    assert.deepEqual(at(message, 'payload'), SAMPLES.quickResponseList[0]);
    const reported = ['sample', 'channel', 'userId', 'recovered'].map((name) => at(message, 'chatapp', name));
    assert.deepEqual(reported, [true, 'private-v1.users.7001', '7001', false]);
  });

  it('have the fields of msg.chatapp that a real item would have, with made-up names', async () => {
    const message: unknown = await (await look(nodeRed.url, 'messenger/message')).json();
    const reported = [
      ['text'],
      ['from', 'phone'],
      ['lineName'],
      ['messengerName'],
      ['connectionName'],
      ['time'],
      ['isGroup'],
    ];
    assert.deepEqual(
      reported.map((path) => at(message, 'chatapp', ...path)),
      [
        'Здравствуйте! А доставка сегодня? 🌷',
        '+77000000001',
        'Loja das Flores',
        'WhatsApp Web',
        'ChatApp',
        '2025-10-15T08:00:30.000Z',
        false,
      ],
    );
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

  it('can be looked at: the message is the one that the button sends, but for the time', async () => {
    const before = nodeRed.shownBy('shown-first').length;
    await press(nodeRed.url, 'separate');
    await press(nodeRed.url, 'separate');
    await nodeRed.until('the sample', () => nodeRed.shownBy('shown-first').length === before + 1);
    const sent = nodeRed.shownBy('shown-first').at(-1);
    const seen: unknown = await (
      await look(nodeRed.url, 'messenger/message?licenseId=50101&messengerType=telegram')
    ).json();
    const timeless = (message: unknown): unknown => [
      at(message, 'topic'),
      at(message, 'payload'),
      { ...Object(at(message, 'chatapp')), receivedAt: 0 },
    ];
    assert.deepEqual(timeless(seen), timeless(sent));
    assert.equal(at(seen, 'chatapp', 'sample'), true);
  });

  it('are made up as far as the ids are missing or none, for each type of channel and each of its events', async () => {
    for (const type of CHANNEL_TYPES) {
      for (const { name } of eventsOf(type)) {
        const answer = await look(nodeRed.url, `${type}/${name}?licenseId=&messengerType=%3Cb%3E&companyId=x&userId=`);
        const message: unknown = await answer.json();
        assert.equal(at(message, 'topic'), name);
        assert.match(String(at(message, 'chatapp', 'channel')), /^private-v1\.[\w.]+$/, `${type} ${name}`);
        assert.doesNotMatch(JSON.stringify(message), /<b>/);
      }
    }
    const ofLine: unknown = await (await look(nodeRed.url, 'messenger/message?licenseId=50101&messengerType=')).json();
    assert.equal(at(ofLine, 'chatapp', 'licenseId'), '50101');
    const ofTelegram: unknown = await (await look(nodeRed.url, 'messenger/message?messengerType=telegram')).json();
    assert.equal(at(ofTelegram, 'chatapp', 'messengerType'), 'telegram');
    const ofUser: unknown = await (await look(nodeRed.url, 'user/quickResponse?userId=7001')).json();
    assert.equal(at(ofUser, 'chatapp', 'channel'), 'private-v1.users.7001');
  });

  it('are there for no other channel or event', async () => {
    for (const path of [
      'user/message',
      'other/message',
      'messenger/__proto__',
      'constructor/message',
      'messenger/new',
    ]) {
      assert.equal((await look(nodeRed.url, path)).status, 404, path);
    }
  });

  it('are sent only for users who may write, and looked at by those who may read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-sample-'));
    await linkPackage(folder);
    const adminAuth = { type: 'credentials', users: [], default: { permissions: 'read' } };
    const guarded = await startNodeRed({ folder, port: 0, settings: { ...LEAN_SETTINGS, adminAuth } });
    try {
      assert.equal((await fetch(`${guarded.url}/settings`)).status, 200);
      assert.equal((await press(guarded.url, 'any')).status, 401);
      assert.equal((await look(guarded.url, 'messenger/message')).status, 200);
    } finally {
      await guarded.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
