import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage, startNodeRed, type NodeRedProcess } from '../../../scripts/demo/node-red';
import { startSimulator, type Simulator } from '../../../simulator';
import { detail } from '../../../src/error-details';
import { isRecord, parseJson } from '../../../src/events/json';
import { at } from '../../support/flow';
import { startNats } from '../../support/nats';
import { connectionTo, LEAN_SETTINGS, type FlowNode } from '../../support/node-red-child';
import { WAIT_LIMIT } from '../../support/wait-limit';

const ROOT = '/admin';
const MARKUP = '<img src=x onerror="alert(1)"> & "Söhne" ${HOME} __proto__';
const TLS = { id: 'tls', type: 'tls-config', cert: '', key: '', ca: '' };
/** The Node-RED of these tests has no adminAuth. */
const WARNED = { warnings: [{ key: 'noAdminAuth' }] };
const LAX_TLS = { ...TLS, id: 'lax', verifyservercert: false };
const PASSWORD_VARIABLE = '${SIMULATOR_PASSWORD}';

interface Reported {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
  readonly headers: Headers;
}

describe('a ChatApp account, as editors ask a real Node-RED for it,', () => {
  let simulator: Simulator;
  let folder: string;
  let nodeRed: NodeRedProcess;
  const printed: string[] = [];

  before(async () => {
    const licenses = [{ licenseId: 50101, licenseName: MARKUP, messengers: ['telegram', 'grWhatsApp'] }];
    simulator = await startSimulator({ account: { licenses }, requestsPerSecond: 10_000 });
    folder = await mkdtemp(join(tmpdir(), 'chatapp-account-'));
    await linkPackage(folder);
    nodeRed = await startNodeRed({
      folder,
      port: 0,
      settings: { ...LEAN_SETTINGS, httpAdminRoot: ROOT, envVarExcludes: ['HIDDEN_PASSWORD'] },
      environment: { SIMULATOR_PASSWORD: simulator.account.password, HIDDEN_PASSWORD: simulator.account.password },
      onLine: (line) => printed.push(line),
    });
    await deploy([connectionTo(simulator, 'simulator'), unusable(), TLS]);
    await untilDeployed('simulator');
  });
  after(async () => {
    await nodeRed.stop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = async (path: string, init: RequestInit = {}): Promise<Reported> => {
    const answer = await fetch(`${nodeRed.url}${ROOT}${path}`, { signal: AbortSignal.timeout(WAIT_LIMIT), ...init });
    const text = await answer.text();
    return { status: answer.status, json: parseJson(text), text, headers: answer.headers };
  };
  const post = (path: string, body: unknown, type = 'application/json'): Promise<Reported> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return ask(path, { method: 'POST', headers: { 'content-type': type }, body: text });
  };
  const get = (path: string): Promise<Reported> => ask(`/chatapp/account/${path}`);
  const deploy = async (nodes: readonly FlowNode[]): Promise<void> => {
    const { status, text } = await post('/flows', [{ id: 'tab', type: 'tab' }, ...nodes]);
    assert.equal(status, 204, text);
  };
  /** A deploy is answered before its nodes are there. */
  const untilDeployed = async (id: string): Promise<void> => {
    const limit = AbortSignal.timeout(WAIT_LIMIT);
    while ((await get(`${id}/lines`)).status === 404) limit.throwIfAborted();
  };
  const draft = (settings: object = {}, credentials?: object, id = 'not-deployed'): object => {
    const { url, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    const saved = { auth: 'account', apiUrl: url, socketUrl, appKey: 'ChatsAppApiProdKey', tls: '', ...settings };
    return { id, settings: saved, credentials: credentials ?? { email, password, appId } };
  };
  /** The steps of a check, in the order in which they came. */
  const check = async (body: object): Promise<unknown[]> => {
    const { status, text, headers } = await post('/chatapp/check', body);
    assert.equal(status, 200, text);
    assert.equal(headers.get('content-type'), 'application/x-ndjson');
    assert.equal(headers.get('cache-control'), 'no-store');
    return text.trimEnd().split('\n').map(parseJson);
  };
  const failure = ({ status, json }: Reported): unknown[] => [status, at(json, 'code'), at(json, 'reason')];
  const asked = (path: string): number => simulator.requestsTo(path).length;

  it('lists the templates and the newest chats of a line, and of nothing else', async () => {
    simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: { id: '77', name: MARKUP }, text: 'hi' });
    const scope = '?line=50101&messenger=telegram';
    assert.deepEqual((await get(`simulator/chats${scope}`)).json, [{ chatId: '77', name: MARKUP }]);
    const { json: templates } = await get(`simulator/templates${scope}`);
    assert.deepEqual(at(templates, '0'), {
      id: '1c2f',
      name: 'order_ready',
      text: 'Hello {{1}}, your order {{2}} is ready.',
      params: 2,
    });
    assert.deepEqual((await post(`/chatapp/account/templates${scope}`, draft())).json, templates);
    for (const wrong of ['', '?line=50101', '?line=x&messenger=telegram', '?line=50101&messenger=a/../b'])
      assert.equal((await get(`simulator/templates${wrong}`)).status, 400, wrong);
    assert.deepEqual(failure(await get('simulator/chats?line=1&messenger=telegram')), [422, 'API_FAILED', 'refused']);
  });

  it('comes from a connection that is deployed, names as ChatApp has them, and is kept nowhere on the way', async () => {
    const { status, json, headers } = await get('simulator/lines');
    assert.equal(status, 200);
    assert.deepEqual(json, [
      {
        licenseId: '50101',
        name: MARKUP,
        messengers: [
          { type: 'telegram', name: 'Telegram' },
          { type: 'grWhatsApp', name: '[WEB] WhatsApp' },
        ],
      },
    ]);
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.deepEqual((await get('simulator/companies')).json, [{ companyId: '3001', name: 'Flowers & Co' }]);
    const employee = { companyId: '3001', userId: '7002', name: 'João Lima', email: 'joao@example.com' };
    for (const list of ['employees', 'employees?company=3001']) {
      const { json: employees } = await get(`simulator/${list}`);
      assert.deepEqual(at(employees, '1'), { ...employee, role: 'Operator' });
    }
    assert.equal(asked('/v1/tokens'), 1);
  });

  it('is answered with 400 and no stack for a draft that is nested deeply', async () => {
    const nested = `{"id":"simulator","settings":${'['.repeat(20_000)}${']'.repeat(20_000)},"credentials":{}}`;
    for (const path of ['/chatapp/check', '/chatapp/account/lines', '/chatapp/callbacks/simulator/replace']) {
      const { status, json } = await post(path, nested);
      assert.deepEqual([status, json], [400, { problem: 'The body is nested too deeply.' }]);
    }
  });

  it('arrives in one answer, even for 2,000 lines', async () => {
    const { account } = simulator;
    const own = account.licenses.splice(0);
    for (let count = 1; count <= 2_000; count += 1) {
      account.addLine({ licenseId: count, licenseName: `Line ${count}`, messengers: ['telegram'] });
    }
    const { json } = await get('simulator/lines');
    account.licenses.splice(0, 2_000, ...own);
    assert.ok(Array.isArray(json));
    assert.equal(json.length, 2_000);
    assert.equal(at(json, '1999', 'name'), 'Line 2000');
  });

  it('is asked for once, however many ask at the same time, and again by the next one', async () => {
    simulator.faults.answerWith('lines', { delayMs: 400 });
    const before = asked('/v1/licenses');
    const { email, password, appId } = simulator.account;
    const same = draft({}, { email, password, appId }, 'simulator');
    const answers = [get('simulator/lines'), get('simulator/lines'), post('/chatapp/account/lines', same)];
    const texts = await Promise.all(answers.map(async (answer) => (await answer).text));
    simulator.faults.answerWith('lines', undefined);
    assert.equal(new Set(texts).size, 1);
    assert.equal(asked('/v1/licenses'), before + 1);
    await get('simulator/lines');
    assert.equal(asked('/v1/licenses'), before + 2);
  });

  it('comes for a draft before its first deploy, with a login that the deploy need not make again', async () => {
    const fresh = await startSimulator();
    const later = connectionTo(fresh, 'later');
    try {
      const { credentials = {}, ...settings } = later;
      const body = { id: 'later', settings, credentials };
      const steps = await check(body);
      assert.deepEqual(at(steps, '0'), { step: 'settings', outcome: 'ok', ...WARNED });
      assert.ok(
        steps.every((step) => at(step, 'outcome') === 'ok'),
        JSON.stringify(steps),
      );
      const counted = steps.find((step) => at(step, 'step') === 'lines');
      assert.deepEqual([at(counted, 'lines'), at(counted, 'messengers')], [2, 5]);
      const { json } = await post('/chatapp/account/lines', body);
      assert.equal(at(json, '0', 'messengers', '0', 'phone'), '77000000101');
      const stays = connectionTo(simulator, 'simulator');
      await deploy([stays, later, TLS, unusable()]);
      await untilDeployed('later');
      assert.equal(fresh.requestsTo('/v1/tokens').length, 1);
    } finally {
      await fresh.close();
    }
  });

  it('is not reported for a wrong password, and the words for it are the editor’s', async () => {
    const { email, appId } = simulator.account;
    const wrong = draft({}, { email, password: 'wrong', appId });
    const reported = await post('/chatapp/account/companies', wrong);
    assert.deepEqual(
      [reported.status, reported.json],
      [422, { code: 'LOGIN_REFUSED', reason: 'credentials', params: {} }],
    );
    assert.equal(reported.headers.get('cache-control'), 'no-store');
    const steps = await check(wrong);
    const failed = { step: 'login', outcome: 'failed', failure: reported.json };
    assert.deepEqual(
      steps.find((step) => at(step, 'step') === 'login'),
      failed,
    );
    assert.deepEqual(steps.at(0), { step: 'settings', outcome: 'ok', ...WARNED });
    assert.ok(steps.some((step) => at(step, 'step') === 'lines' && at(step, 'outcome') === 'skipped'));
    assert.equal(steps.length, 4);
  });

  it('is not reported where the network is dead, and both hosts are named', async () => {
    const gone = await startSimulator({ socketPort: 0 });
    const { url: apiUrl, socketUrl } = gone;
    await gone.close();
    const dead = draft({ apiUrl, socketUrl });
    const reported = await post('/chatapp/account/lines', dead);
    assert.deepEqual(failure(reported), [422, 'API_FAILED', 'unreachable']);
    assert.equal(at(reported.json, 'params', 'host'), new URL(apiUrl).host);
    const failures = (await check(dead)).map((step) => [
      at(step, 'failure', 'code'),
      at(step, 'failure', 'params', 'host'),
    ]);
    assert.ok(failures.some(([code, host]) => code === 'API_FAILED' && host === new URL(apiUrl).host));
    assert.ok(failures.some(([code, host]) => code === 'CONNECTION_LOST' && host === new URL(socketUrl).host));
  });

  it('is not asked for with settings that cannot work: the first thing to fix is reported', async () => {
    const url = { field: 'apiUrl', ...detail('wanted', 'url', { one: 'https://', other: 'http://' }) };
    const missing = { code: 'CONFIG_INVALID', reason: 'missingFields', params: { fields: 'email, password, appId' } };
    const deployed = await get('unusable/lines');
    assert.deepEqual([deployed.status, deployed.json], [422, missing]);
    const reported = await post('/chatapp/account/lines', draft({ apiUrl: 'not a URL' }));
    assert.deepEqual(
      [reported.status, reported.json],
      [422, { code: 'CONFIG_INVALID', reason: 'malformed', params: url }],
    );
    const before = simulator.requests.length;
    assert.deepEqual(await check(draft({ apiUrl: 'not a URL' })), [
      { step: 'settings', outcome: 'failed', failure: reported.json, ...WARNED },
      { step: 'login', outcome: 'skipped' },
      { step: 'lines', outcome: 'skipped' },
      { step: 'socket', outcome: 'skipped' },
    ]);
    assert.equal(simulator.requests.length, before);
  });

  it('names all missing fields in one problem, in a check and in a list', async () => {
    const missing = draft({ receive: 'webhook', webhookUrl: '' }, { appId: simulator.account.appId });
    const [settings] = await check(missing);
    const failure = {
      code: 'CONFIG_INVALID',
      reason: 'missingFields',
      params: { fields: 'webhookUrl, email, password' },
    };
    assert.deepEqual(settings, { step: 'settings', outcome: 'failed', failure, ...WARNED });
    const reported = await post('/chatapp/account/lines', missing);
    assert.deepEqual([reported.status, reported.json], [422, failure]);
  });

  it('fills variables where they are deployed so, and tells of no other whether it is set', async () => {
    const { email, appId } = simulator.account;
    const withPassword = (id: string, password: string): FlowNode => ({
      ...connectionTo(simulator, id),
      credentials: { email, appId, password },
    });
    await deploy([
      ...[withPassword('braced', PASSWORD_VARIABLE), withPassword('bracketed', '$(SIMULATOR_PASSWORD)')],
      ...[withPassword('hidden', '${HIDDEN_PASSWORD}'), withPassword('unset', '${NOBODY_SET_THIS}')],
      ...[connectionTo(simulator, 'simulator'), TLS, LAX_TLS, unusable()],
    ]);
    for (const id of ['braced', 'bracketed', 'hidden', 'unset', 'simulator']) await untilDeployed(id);
    const reported = async (id: string, password: string, settings: object = {}): Promise<Reported> =>
      post('/chatapp/account/lines', draft(settings, { email, appId, password }, id));
    assert.equal((await reported('braced', PASSWORD_VARIABLE)).status, 200);
    assert.equal((await reported('bracketed', '$(SIMULATOR_PASSWORD)')).status, 200);
    for (const [id, name] of [
      ['hidden', 'HIDDEN_PASSWORD'],
      ['unset', 'NOBODY_SET_THIS'],
    ] as const) {
      const { json } = await reported(id, `\${${name}}`);
      assert.deepEqual(at(json, 'params'), {
        field: 'password',
        ...detail('wanted', 'variable', { name }),
      });
    }
    const elsewhere = [
      await reported('not-deployed', PASSWORD_VARIABLE),
      await reported('simulator', PASSWORD_VARIABLE),
      await reported('braced', '$(SIMULATOR_PASSWORD)'),
      await reported('simulator', '${HOME}'),
      await reported('simulator', '${NOBODY_SET_THIS}'),
      await reported('simulator', '${__proto__}'),
      await reported('braced', PASSWORD_VARIABLE, { tls: 'lax' }),
    ];
    const params = { field: 'password', ...detail('wanted', 'deployFirst') };
    for (const { json } of elsewhere) {
      assert.deepEqual(json, { code: 'CONFIG_INVALID', reason: 'malformed', params });
    }
  });

  it('sends the value of a variable to no other address, whatever field it stands in', async () => {
    const { email, password, appId } = simulator.account;
    const thief = await startSimulator();
    try {
      const elsewhere = { apiUrl: thief.url, socketUrl: thief.socketUrl };
      const typed = { email, password, appId };
      for (const [settings, credentials, field] of [
        [{ auth: 'token' }, { accessToken: PASSWORD_VARIABLE }, 'accessToken'],
        [{ auth: 'token' }, { accessToken: 'typed', refreshToken: PASSWORD_VARIABLE }, 'refreshToken'],
        [{}, { ...typed, email: PASSWORD_VARIABLE }, 'email'],
        [{ appKey: PASSWORD_VARIABLE }, typed, 'appKey'],
        [{ apiUrl: '${HOME}' }, typed, 'apiUrl'],
      ] as const) {
        for (const id of ['simulator', 'braced', 'not-deployed']) {
          const body = draft({ ...elsewhere, ...settings }, credentials, id);
          const { json } = await post('/chatapp/account/lines', body);
          assert.deepEqual(at(json, 'params'), { field, ...detail('wanted', 'deployFirst') });
          assert.deepEqual(at(await check(body), '0', 'failure'), json);
        }
      }
      assert.deepEqual([thief.requests, thief.connections], [[], 0]);
    } finally {
      await thief.close();
    }
  });

  it('uses a stored secret with the TLS settings of its connection only', async () => {
    const { email, appId } = simulator.account;
    const { json } = await post('/chatapp/account/lines', draft({ tls: 'lax' }, { email, appId }, 'simulator'));
    const params = { field: 'password', ...detail('wanted', 'retype') };
    assert.deepEqual(json, { code: 'CONFIG_INVALID', reason: 'malformed', params });
  });

  it('fills the variables of the tab that a connection is on', async () => {
    const { email, password, appId } = simulator.account;
    const { credentials: _, ...scoped } = connectionTo(simulator, 'scoped');
    const env = [{ name: 'ON_THIS_TAB', value: password, type: 'str' }];
    const credentials = { email, password: '${ON_THIS_TAB}', appId };
    await deploy([
      { id: 'with-variable', type: 'tab', env },
      { ...scoped, z: 'with-variable', credentials },
      ...[connectionTo(simulator, 'simulator'), TLS, LAX_TLS, unusable()],
    ]);
    await untilDeployed('scoped');
    assert.equal((await get('scoped/lines')).status, 200);
    assert.equal((await post('/chatapp/account/lines', draft({}, credentials, 'scoped'))).status, 200);
    const elsewhere = await post('/chatapp/account/lines', draft({}, credentials, 'simulator'));
    assert.deepEqual(failure(elsewhere), [422, 'CONFIG_INVALID', 'malformed']);
  });

  it('requires a TLS configuration to be deployed first', async () => {
    for (const tls of ['', '_ADD_', 'tls']) {
      assert.equal((await post('/chatapp/account/lines', draft({ tls }))).status, 200, tls);
    }
    for (const tls of ['not-there', 'simulator', '__proto__', 7]) {
      const reported = await post('/chatapp/account/lines', draft({ tls }));
      assert.deepEqual(failure(reported), [422, 'CONFIG_INVALID', 'malformed'], String(tls));
      assert.deepEqual(at(reported.json, 'params'), { field: 'tls', ...detail('wanted', 'tls') });
    }
  });

  it('takes what a draft leaves out from the connection that is deployed', async () => {
    const { email } = simulator.account;
    for (const credentials of [{}, { password: '__PWRD__' }, { email, has_password: true }]) {
      const reported = await post('/chatapp/account/lines', draft({ name: 'changed' }, credentials, 'simulator'));
      assert.equal(reported.status, 200, reported.text);
    }
    const emptied = await post('/chatapp/account/lines', draft({}, { password: '' }, 'simulator'));
    assert.deepEqual(at(emptied.json, 'params'), { field: 'password', ...detail('wanted', 'password') });
    for (const id of ['not-deployed', 'unusable', 'tls', '__proto__']) {
      const reported = await post('/chatapp/account/lines', draft({}, {}, id));
      assert.deepEqual(failure(reported), [422, 'CONFIG_INVALID', 'missingFields'], id);
    }
  });

  it('sends what is stored nowhere but where its connection sends it: elsewhere it is to be typed again', async () => {
    const { email, appId } = simulator.account;
    const thief = await startSimulator();
    try {
      const elsewhere = { apiUrl: thief.url, socketUrl: thief.socketUrl };
      const wanted = detail('wanted', 'retype');
      for (const [credentials, field] of [
        [{ email, appId }, 'password'],
        [{ email, appId, password: '__PWRD__' }, 'password'],
        [{ email, appId, password: null }, 'password'],
        [{}, 'email'],
      ] as const) {
        const body = draft(elsewhere, credentials, 'simulator');
        const reported = await post('/chatapp/account/lines', body);
        assert.deepEqual(reported.json, { code: 'CONFIG_INVALID', reason: 'malformed', params: { field, ...wanted } });
        assert.deepEqual(at(await check(body), '0', 'failure'), reported.json);
      }
      assert.deepEqual([thief.requests, thief.connections], [[], 0]);
      const typed = { email, appId, password: simulator.account.password };
      assert.equal((await post('/chatapp/account/lines', draft(elsewhere, typed, 'simulator'))).status, 200);
    } finally {
      await thief.close();
    }
  });

  it('comes by the one login of a connection that shares its work, whose kept NATS login its check tries', async function () {
    const secret = 'letmein-4711';
    const nats = await startNats({ settings: `authorization { user: shop, password: "${secret}" }` });
    if (!nats) return this.skip();
    const fresh = await startSimulator();
    const [cluster = ''] = nats.servers;
    const { credentials, ...connection } = connectionTo(fresh, 'shared');
    const settings = { ...connection, cluster, clusterAuth: 'user' };
    const login = { clusterUser: 'shop', clusterPassword: secret };
    const others = [connectionTo(simulator, 'simulator'), TLS, unusable()];
    const shared = { ...settings, credentials: { ...(isRecord(credentials) && credentials), ...login } };
    const line = { licenseId: '50101', messengerType: 'telegram' };
    const listener = { id: 'l', type: 'chatapp-messenger', z: 'tab', connection: 'shared', ...line, wires: [[]] };
    try {
      await deploy([...others, shared, listener]);
      await fresh.until((it) => it.subscriptions('private-v1.licenses.50101.messengers.telegram') === 1);
      assert.equal((await get('shared/lines')).status, 200);
      const outcome = async (typed: object): Promise<unknown> => {
        const steps = await check({ id: 'shared', settings, credentials: typed });
        assert.doesNotMatch(JSON.stringify(steps), new RegExp(secret));
        assert.deepEqual(steps[0], { step: 'settings', outcome: 'ok', hasCluster: true, ...WARNED });
        const failed = steps.filter((step) => at(step, 'outcome') !== 'ok').map((step) => at(step, 'step'));
        const reported = steps.find((step) => at(step, 'step') === 'cluster');
        return [steps.length, ...failed, at(reported, 'failure', 'code'), at(reported, 'failure', 'reason')];
      };
      const good = [5, undefined, undefined];
      assert.deepEqual(await outcome({}), good);
      assert.deepEqual(await outcome({ clusterPassword: '__PWRD__' }), good);
      const refused = [5, 'cluster', 'CLUSTER_FAILED', 'refused'];
      assert.deepEqual(await outcome({ clusterPassword: `${secret}!` }), refused);
      assert.equal(fresh.requestsTo('/v1/tokens').length, 1);
      assert.ok(!printed.some((line) => line.includes(secret)));
    } finally {
      await deploy(others);
      const limit = AbortSignal.timeout(WAIT_LIMIT);
      while ((await get('shared/lines')).status !== 404) limit.throwIfAborted();
      // Of the nodes that are deployed again, the TLS configuration may be the last.
      while ((await post('/chatapp/account/lines', draft({ tls: 'tls' }))).status !== 200) limit.throwIfAborted();
      await fresh.close();
      await nats.end();
    }
  });

  it('tells each step of a check when it is known, and ends the check when the editor is gone', async () => {
    simulator.faults.answerWith('check', { delayMs: 600 });
    const gone = new AbortController();
    const { email, password, appId } = simulator.account;
    const credentials = { email, password, appId };
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(draft({ tls: 'tls' }, credentials));
    const [checks, before] = [asked('/v1/tokens/check'), asked('/v1/licenses')];
    const answer = await fetch(`${nodeRed.url}${ROOT}/chatapp/check`, {
      method: 'POST',
      headers,
      body,
      signal: gone.signal,
    });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (/"socket".*\n/.test(text)) break;
    }
    gone.abort();
    assert.deepEqual(text.trimEnd().split('\n').map(parseJson), [
      { step: 'settings', outcome: 'ok', ...WARNED },
      { step: 'socket', outcome: 'ok' },
    ]);
    await simulator.until(({ sockets }) => sockets === 0);
    await simulator.until((it) => it.requestsTo('/v1/tokens/check')[checks]?.status === 200);
    simulator.faults.answerWith('check', undefined);
    await get('simulator/companies');
    assert.equal(asked('/v1/licenses'), before);
  });

  it('has three lists, and no connections but those that are deployed', async () => {
    for (const path of ['simulator/nothing', 'simulator/__proto__', 'simulator/constructor', 'simulator/toString']) {
      assert.equal((await get(path)).status, 404, path);
      assert.equal((await post(`/chatapp/account/${path.slice('simulator/'.length)}`, draft())).status, 404, path);
    }
    for (const id of ['nobody', 'tab', 'tls', '__proto__', 'constructor', '%E0%A4%A']) {
      const { status, text } = await get(`${id}/lines`);
      assert.deepEqual([status, text], [404, '{"problem":"No such connection is deployed."}'], id);
    }
    for (const company of ['x', '1/../2', '', '-1', 'a&company=b', '1&company=2']) {
      assert.equal((await get(`simulator/employees?company=${company}`)).status, 400, company);
    }
    assert.deepEqual(failure(await get('simulator/employees?company=999')), [422, 'API_FAILED', 'refused']);
  });

  it('is not asked for by what is no draft', async () => {
    const before = simulator.requests.length;
    for (const path of ['/chatapp/check', '/chatapp/account/lines']) {
      const bodies: unknown[] = ['{"a": ', 'null', [], {}, { id: 7 }, { id: 'x', settings: [], credentials: {} }];
      bodies.push(
        { id: 'x', settings: {}, credentials: 'none' },
        '{"__proto__":{"id":"x","settings":{},"credentials":{}}}',
      );
      for (const body of bodies) assert.equal((await post(path, body)).status, 400, JSON.stringify(body));
      assert.equal((await post(path, JSON.stringify(draft()), 'text/plain')).status, 415);
      assert.equal((await post(path, 'id=simulator', 'application/x-www-form-urlencoded')).status, 415);
      assert.equal((await ask(path, { method: 'POST' })).status, 415);
      assert.equal((await post(path, draft({ name: 'x'.repeat(64 * 1_024) }))).status, 413);
      assert.equal((await post(path, draft({ name: 'x'.repeat(6_000_000) }))).status, 413);
      const chunked = { method: 'POST', headers: { 'content-type': 'application/json' }, duplex: 'half' } as const;
      const body = new Blob([JSON.stringify(draft({ name: 'x'.repeat(64 * 1_024) }))]).stream();
      assert.equal((await ask(path, { ...chunked, body })).status, 413);
    }
    assert.equal(simulator.requests.length, before);
  });

  it('is read by those who may read flows; trying a draft takes more', async () => {
    const guardedFolder = await mkdtemp(join(tmpdir(), 'chatapp-account-'));
    await linkPackage(guardedFolder);
    const { credentials, ...connection } = connectionTo(simulator, 'simulator');
    await writeFile(join(guardedFolder, 'flows.json'), JSON.stringify([{ id: 'tab', type: 'tab' }, connection]));
    await writeFile(join(guardedFolder, 'flows_cred.json'), JSON.stringify({ simulator: credentials }));
    const adminAuth = { type: 'credentials', users: [], default: { permissions: 'read' } };
    const guarded = await startNodeRed({ folder: guardedFolder, port: 0, settings: { ...LEAN_SETTINGS, adminAuth } });
    try {
      const lines = await fetch(`${guarded.url}/chatapp/account/simulator/lines`);
      assert.equal(at(await lines.json(), '0', 'name'), MARKUP);
      const before = simulator.requests.length;
      for (const path of ['check', 'account/lines']) {
        const headers = { 'content-type': 'application/json' };
        const init = { method: 'POST', headers, body: JSON.stringify(draft()) };
        assert.equal((await fetch(`${guarded.url}/chatapp/${path}`, init)).status, 401, path);
      }
      assert.equal(simulator.requests.length, before);
    } finally {
      await guarded.stop();
      await rm(guardedFolder, { recursive: true, force: true });
    }
  });

  it('leaves nothing bad in the log', () => {
    const bad = printed.filter((line) => / - \[(error|fatal)\] |uncaught|No look into/i.test(line));
    assert.deepEqual(bad, []);
  });
});

/** A connection that is deployed and cannot work. */
function unusable(): FlowNode {
  return { id: 'unusable', type: 'chatapp-connection', auth: 'account', apiUrl: 'not a URL' };
}
