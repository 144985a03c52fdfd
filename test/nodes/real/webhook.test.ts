import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage } from '../../../scripts/demo/node-red';
import { startSimulator, type Simulator } from '../../../simulator';
import { isRecord, type JsonRecord } from '../../../src/events/json';
import {
  connectionTo,
  debugNode,
  startNodeRedChild,
  type FlowNode,
  type NodeRedChild,
} from '../../support/node-red-child';
import { startPathProxy, type PathProxy } from '../../support/path-proxy';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;

describe('a real Node-RED that ChatApp calls', () => {
  let simulator: Simulator;
  let folder: string;
  let child: NodeRedChild;
  let proxy: PathProxy | undefined;

  beforeEach(async () => {
    simulator = await startSimulator({ callbacks: { waitMs: 50 } });
    folder = await mkdtemp(join(tmpdir(), 'chatapp-webhook-'));
    await linkPackage(folder);
  });
  afterEach(async () => {
    await child.stop();
    await proxy?.close();
    proxy = undefined;
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (settings: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    child = await startNodeRedChild(folder, {}, settings);
  };
  const flow = (connection: object, ...more: FlowNode[]): FlowNode[] => [
    { id: 'tab', type: 'tab', label: 'test' },
    { ...connectionTo(simulator, 'chatapp'), ...connection },
    { id: 'one', type: 'chatapp-messenger', z: 'tab', connection: 'chatapp', ...LINE, events: [], wires: [['shows']] },
    debugNode('shows', 'tab'),
    { id: 'catches', type: 'catch', z: 'tab', scope: null, wires: [['shows-errors']] },
    debugNode('shows-errors', 'tab'),
    ...more,
  ];
  const shownTexts = (): unknown[] =>
    child.shownBy('shows').map((shown) => {
      const payload = isRecord(shown) ? shown.payload : undefined;
      return isRecord(payload) && isRecord(payload.message) ? payload.message.text : undefined;
    });
  const ours = (): string | undefined => simulator.callbacks.list[0]?.url;
  const both = (): object => ({ receive: 'both', webhookUrl: child.url });
  const comment: FlowNode = { id: 'other', type: 'comment', z: 'tab' };
  const count = (method: string): number => simulator.requests.filter((request) => request.method === method).length;
  const replace = (line: object): Promise<Response> =>
    fetch(`${child.url}/chatapp/callbacks/chatapp/replace`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(line),
    });
  const entries = async (): Promise<readonly JsonRecord[]> => {
    const answer = await listed();
    return isRecord(answer) && Array.isArray(answer.callbacks) ? answer.callbacks.filter(isRecord) : [];
  };
  const listed = (): Promise<unknown> => child.get('/chatapp/callbacks/chatapp');

  it('gets its events by webhook only, under httpNodeRoot and behind a path of a reverse proxy', async () => {
    await start({ httpNodeRoot: '/flows-of-mine' });
    proxy = await startPathProxy('/automation', new URL(child.url));
    await child.deploy(flow({ receive: 'webhook', webhookUrl: `${proxy.url}/` }));
    await child.untilListening('one');
    assert.match(
      ours() ?? '',
      new RegExp(`^${proxy.url}/flows-of-mine/chatapp/callback/chatapp/[\\w-]{43}/50101/telegram$`),
    );
    simulator.message({ ...LINE, text: 'by webhook' });
    await child.until('the message', () => shownTexts().includes('by webhook'));
    assert.equal(simulator.connections, 0);
    assert.deepEqual(proxy.strays, []);
    assert.deepEqual(await listed(), { callbacks: [{ ...LINE, state: 'set' }] });
  });

  it('keeps its address through deploys, and its secret through a restart', async () => {
    await start();
    await child.deploy(flow({ receive: 'both', webhookUrl: child.url }));
    await simulator.until(() => ours() !== undefined);
    const before = ours() ?? '';
    await child.deploy(flow({ receive: 'both', webhookUrl: child.url }, comment));
    await child.untilListening('one');
    assert.deepEqual([ours(), count('PUT'), count('DELETE')], [before, 1, 0]);

    assert.ok(child.pid !== undefined);
    process.kill(child.pid, 'SIGTERM');
    await simulator.until(({ sockets }) => sockets === 0);
    const gone = child;
    await start();
    await child.deploy(flow({ receive: 'both', webhookUrl: child.url }));
    await simulator.until(() => ours() !== before);
    assert.equal(ours(), before.replace(gone.url, child.url));
    assert.equal(count('DELETE'), 0);
  });

  for (const [what, after] of [
    ['its last listener of the line', (): FlowNode[] => flow(both()).filter(({ id }) => id !== 'one')],
    ['the connection', (): FlowNode[] => [{ id: 'tab', type: 'tab', label: 'empty' }]],
    ['the choice of webhooks', (): FlowNode[] => flow({ receive: 'socket', webhookUrl: child.url })],
  ] as const) {
    it(`is called no more once ${what} is removed`, async () => {
      await start();
      await child.deploy(flow(both()));
      await simulator.until(() => ours() !== undefined);
      await child.deploy(after());
      await simulator.until(() => ours() === undefined);
      assert.equal(count('DELETE'), 1);
    });
  }

  it('is called no more once the subflow is removed in which its last listener of the line stands', async () => {
    await start();
    const [tab, connection, listener] = flow(both());
    assert.ok(tab && connection && listener);
    const subflow = [
      { id: 'inside', type: 'subflow', name: 'inside', in: [], out: [] },
      { ...listener, z: 'inside', wires: [[]] },
    ];
    const instance = { id: 'instance', type: 'subflow:inside', z: 'tab', wires: [] };
    await child.deploy([tab, connection, ...subflow, instance]);
    await simulator.until(() => ours() !== undefined);
    await child.deploy([tab, connection, ...subflow, instance, comment]);
    assert.deepEqual([typeof ours(), count('DELETE')], ['string', 0]);
    await child.deploy([tab, connection, ...subflow]);
    await simulator.until(() => ours() === undefined);
    assert.equal(count('DELETE'), 1);
  });

  it('leaves the address of another integration alone, says whose it is, and replaces it after an explicit yes', async () => {
    const theirs = {
      licenseId: 50101,
      messengerType: 'telegram',
      events: ['message'],
      url: 'https://u:p@crm.test/x',
    };
    simulator.callbacks.plant(theirs);
    await start();
    await child.deploy(flow({ receive: 'webhook', webhookUrl: child.url }));
    await child.until('the status', () => child.statuses('one').at(-1)?.text === 'webhook: crm.test');
    await child.until('the error', () => child.shownBy('shows-errors').length > 0);
    const [error] = child.shownBy('shows-errors');
    assert.ok(isRecord(error) && isRecord(error.error) && error.error.code === 'WEBHOOK_TAKEN');
    assert.deepEqual([ours(), count('PUT')], [theirs.url, 0]);
    assert.ok(!JSON.stringify([await listed(), child.lines, child.debugged]).includes('u:p@'), 'more than the host');
    const [entry] = await entries();
    assert.deepEqual([entry?.state, entry?.host], ['taken', 'crm.test']);

    const answer = await replace({ ...LINE });
    assert.deepEqual(await answer.json(), { callbacks: [{ ...LINE, state: 'set' }] });
    await child.untilListening('one');
    assert.ok(ours()?.startsWith(child.url));
    const [secret = ''] = /[\w-]{43}/.exec(ours() ?? '') ?? [];
    const shown = [await listed(), await child.get('/flows'), child.lines, child.debugged, child.statuses('one')];
    assert.ok(secret !== '' && !JSON.stringify(shown).includes(secret), 'the secret is no secret');
    assert.equal(child.shownBy('shows-errors').length, 1);
    assert.equal((await replace({ ...LINE, licenseId: '1' })).status, 404);
    assert.equal((await replace({ licenseId: 1 })).status, 400);
  });

  it('gets new addresses on demand, and knows the old ones no more', async () => {
    await start();
    await child.deploy(flow({ receive: 'webhook', webhookUrl: child.url }));
    await child.untilListening('one');
    const before = ours() ?? '';
    const renew = (type: string): Promise<Response> =>
      fetch(`${child.url}/chatapp/callbacks/chatapp/renew`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      });
    assert.equal((await renew('text/plain')).status, 415, 'a form of another page could send this');
    assert.equal(ours(), before);
    const answer = await renew('application/json');
    assert.deepEqual([answer.status, await answer.json()], [200, { callbacks: [{ ...LINE, state: 'set' }] }]);
    assert.notEqual(ours(), before);
    assert.equal((await fetch(before, { method: 'POST', body: '{}' })).status, 404);
    simulator.message({ ...LINE, text: 'by the new address' });
    await child.until('the message', () => shownTexts().includes('by the new address'));
  });

  it('says so where a login keeps ChatApp out, and asks for it in the error', async () => {
    await start({
      httpNodeAuth: { user: 'olga', pass: '$2b$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.' },
    });
    await child.deploy(flow(both()));
    await child.until('the status', () => child.statuses('one').at(-1)?.text === 'by socket only');
    await child.until('the error', () => child.shownBy('shows-errors').length > 0);
    const [error] = child.shownBy('shows-errors');
    assert.ok(isRecord(error) && isRecord(error.error) && error.error.code === 'WEBHOOK_FAILED');
    assert.match(String(error.error.message), /can reach 127\.0\.0\.1:\d+ from outside/);
  });

  it('names what cannot be: webhooks without a public address, without a node root, or for a company', async () => {
    await start({ httpNodeRoot: false });
    const company = {
      id: 'two',
      type: 'chatapp-company',
      z: 'tab',
      connection: 'chatapp',
      companyId: '1',
      wires: [[]],
    };
    for (const [webhookUrl, errors] of [
      ['', 2],
      ['https://flows.test', 3],
    ] as const) {
      await child.deploy(flow({ receive: 'both', webhookUrl }, company));
      await child.until('red', () => child.statuses('two').at(-1)?.text === 'check settings');
      await child.until('the errors', () => child.shownBy('shows-errors').length === errors);
    }
    const messages = child.shownBy('shows-errors').map((shown) => JSON.stringify(shown));
    for (const [at, words] of [/Public URL is missing/, /httpNodeRoot is false/, /httpNodeRoot is false/].entries()) {
      assert.match(messages[at] ?? '', words);
    }
  });

  it('tells a company listener that it needs the socket where there are webhooks only', async () => {
    await start();
    const company = {
      id: 'two',
      type: 'chatapp-company',
      z: 'tab',
      connection: 'chatapp',
      companyId: '1',
      wires: [[]],
    };
    await child.deploy(flow({ receive: 'webhook', webhookUrl: child.url }, company));
    await child.untilListening('one');
    await child.until('red', () => child.statuses('two').at(-1)?.text === 'check settings');
    await child.until('the error', () => child.shownBy('shows-errors').length === 1);
    assert.match(JSON.stringify(child.shownBy('shows-errors')), /the others need the socket.*CONFIG_INVALID/);
  });

  it('answers everybody else with 404 and no word, large bodies with 413, and stays well', async () => {
    await start();
    await child.deploy(flow({ receive: 'webhook', webhookUrl: child.url }));
    await child.untilListening('one');
    const url = ours() ?? '';
    const post = async (to: string, body = '{}', method = 'POST'): Promise<string> => {
      const answer = await fetch(to, { method, ...(method === 'POST' && { body }) });
      return `${answer.status} ${await answer.text()}`;
    };
    assert.equal(await post(url.replace(/[\w-]{43}/, 'x'.repeat(43))), '404 ');
    assert.equal(await post(url.replace('/chatapp/callback/chatapp/', '/chatapp/callback/another/')), '404 ');
    assert.equal(await post(url.replace(/[\w-]{43}/, '%ZZ')), '404 ');
    assert.equal(await post(url.replace('/chatapp/callback/chatapp/', '/chatapp/callback/%E0%A4%A/')), '404 ');
    assert.equal(await post(url, '', 'GET'), '404 ');
    assert.equal(await post(url.replace('telegram', 'vkontakte')), '404 ');
    assert.equal(await post(url, 'no json'), '400 ');
    assert.match(await post(url, `"${'x'.repeat(1_100_000)}"`).catch(() => '413 '), /^413 /);
    assert.equal(await post(url, ''), '200 ');
    simulator.message({ ...LINE, text: 'still here' });
    await child.until('the message', () => shownTexts().includes('still here'));
    assert.equal(child.lines.filter((line) => line.includes('callback was refused')).length, 5);
    assert.ok(!child.lines.some((line) => line.includes('URIError')), 'an unknown caller fills the log');
  });
});
