import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage, startNodeRed, type NodeRedProcess } from '../../scripts/demo/node-red';
import { startSimulator, type Simulator } from '../../simulator';
import { isRecord } from '../../src/events/json';
import { assertClean, SECRETS } from './secret-spy';

const { accessToken, deadToken, refreshToken, newRefreshToken, password } = SECRETS;
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const EMAIL = 'olga@example.com';
const APP_ID = 'app_7001_1';

describe('no secret leaves Node-RED, at log level trace', () => {
  let simulator: Simulator;
  let folder: string;
  let nodeRed: NodeRedProcess;
  const lines: string[] = [];
  const printed = async (words: RegExp): Promise<void> => {
    const limit = AbortSignal.timeout(20_000);
    while (!lines.some((line) => words.test(line))) {
      limit.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const ask = (path: string, accept: string): Promise<Response> =>
    fetch(nodeRed.url + path, { headers: { accept }, signal: AbortSignal.timeout(20_000) });

  const send = (path: string, draft: object): Promise<Response> =>
    fetch(`${nodeRed.url}/chatapp/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draft),
      signal: AbortSignal.timeout(20_000),
    });

  before(async () => {
    simulator = await startSimulator({ account: { email: EMAIL, appId: APP_ID, accessToken, refreshToken, password } });
    folder = await mkdtemp(join(tmpdir(), 'chatapp-secrets-'));
    await linkPackage(folder);
    nodeRed = await startNodeRed({
      folder,
      port: 0,
      settings: {
        credentialSecret: 'a secret of this machine',
        logging: { console: { level: 'trace', metrics: false, audit: true } },
      },
      onLine: (line) => lines.push(line),
    });
    const answer = await fetch(`${nodeRed.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' },
      body: JSON.stringify(flowFor(simulator)),
    });
    assert.equal(answer.status, 204, await answer.text());
    await simulator.until((it) => it.subscriptions(CHANNEL) === 2, 20_000);
    await printed(/access token is not valid|token are not valid|not valid any more/);
  });
  after(async () => {
    await nodeRed.stop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const path of ['/flows', '/flow/tab', '/flow/global', '/nodes', '/settings', '/settings/user', '/diagnostics']) {
    it(`not by GET ${path}`, async () => {
      for (const accept of ['application/json', 'text/html']) {
        const answer = await ask(path, accept);
        assert.ok(answer.status < 500, `${answer.status}`);
        assertClean(await answer.text());
      }
    });
  }

  for (const id of ['with-account', 'with-token', 'with-dead-token']) {
    it(`not by GET /credentials/chatapp-connection/${id}: only whether there is one`, async () => {
      const answer = await ask(`/credentials/chatapp-connection/${id}`, 'application/json');
      assert.equal(answer.status, 200);
      const text = await answer.text();
      assertClean(text);
      assert.match(text, id === 'with-account' ? /"has_password":true/ : /"has_accessToken":true/);
      if (id === 'with-account') assert.ok(text.includes(EMAIL) && text.includes(APP_ID));
    });
  }

  for (const id of ['with-account', 'with-token', 'with-dead-token']) {
    it(`not by what editors ask about the account of ${id}, nor by what they try out`, async () => {
      const logins: Readonly<Record<string, unknown>> = LOGINS;
      const login = logins[id];
      assert.ok(isRecord(login) && isRecord(login.credentials));
      const { credentials: own, ...auth } = login;
      const credentials = { ...own, clusterUser: 'shop', clusterPassword: password, clusterToken: accessToken };
      const settings = { ...auth, apiUrl: simulator.url, socketUrl: simulator.socketUrl };
      const elsewhere = { ...settings, apiUrl: 'http://127.0.0.1:9', socketUrl: 'ws://127.0.0.1:9' };
      const asked: Promise<Response>[] = [];
      const shared = { ...settings, cluster: 'nats://127.0.0.1:9', clusterAuth: 'user' };
      const tries = [
        settings,
        elsewhere,
        { ...settings, apiUrl: `http://u:${password}@127.0.0.1:9` },
        shared,
        { ...shared, clusterAuth: 'token' },
        { ...shared, cluster: `nats://u:${password}@127.0.0.1:9` },
      ];
      for (const list of ['lines', 'companies', 'employees']) {
        asked.push(ask(`/chatapp/account/${id}/${list}`, 'application/json'));
        for (const tried of tries) asked.push(send(`account/${list}`, { id, settings: tried, credentials }));
      }
      for (const secrets of [credentials, {}, { ...credentials, password: `${password}!`, accessToken: deadToken }]) {
        for (const tried of tries) asked.push(send('check', { id, settings: tried, credentials: secrets }));
      }
      const answers = await Promise.all(asked);
      simulator.faults.answerWith('lines', { status: 500, body: { error: { code: password, message: accessToken } } });
      answers.push(await send('account/lines', { id, settings, credentials }));
      simulator.faults.answerWith('lines', undefined);
      const statuses = answers.map(({ status }) => status);
      assert.ok(statuses.every((status) => status === 200 || status === 422) && new Set(statuses).size === 2);
      for (const answer of answers) assertClean((await answer.text()) + JSON.stringify([...answer.headers]));
    });
  }

  it('not in its log', () => {
    assert.ok(
      lines.some((line) => /\[audit\]|\[trace\]/.test(line)),
      'the log is not at level trace',
    );
    for (const line of lines) assertClean(line);
  });

  it('not in its user directory', async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    assert.ok(files.some(({ name }) => name === 'flows_cred.json'));
    assert.ok(
      files.some(({ name, parentPath }) => name.endsWith('.log') && parentPath.endsWith(join('chatapp', 'log'))),
    );
    for (const { name, parentPath } of files) {
      assertClean(name);
      assertClean(await readFile(join(parentPath, name), 'utf8'));
    }
  });
});

const LOGINS = {
  'with-account': { auth: 'account', credentials: { email: EMAIL, password, appId: APP_ID } },
  'with-token': { auth: 'token', credentials: { accessToken, refreshToken } },
  'with-dead-token': { auth: 'token', credentials: { accessToken: deadToken, refreshToken: newRefreshToken } },
} as const;

function flowFor({ url, socketUrl }: Simulator): object[] {
  const connection = { type: 'chatapp-connection', apiUrl: url, socketUrl, appKey: 'ChatsAppApiProdKey' };
  const nodes = Object.entries(LOGINS).flatMap(([id, login]) => [
    { ...connection, id, ...login },
    {
      id: `listens-${id}`,
      type: 'chatapp-messenger',
      z: 'tab',
      connection: id,
      licenseId: '50101',
      messengerType: 'telegram',
      events: [],
      wires: [['shows']],
    },
  ]);
  const debug = {
    id: 'debug',
    type: 'debug',
    z: 'tab',
    active: true,
    tosidebar: false,
    console: true,
    complete: 'true',
  };
  const catches = { id: 'catches', type: 'catch', z: 'tab', scope: null, wires: [['shows']] };
  return [{ id: 'tab', type: 'tab', label: 'secrets' }, ...nodes, debug, catches];
}
