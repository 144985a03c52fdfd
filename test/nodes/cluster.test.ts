import assert from 'node:assert/strict';
import type { Node, NodeAPI } from 'node-red';
import { withClusterTls } from '../../nodes/chatapp-connection/settings';
import {
  DeployedSources,
  fingerprintOf,
  type ConnectionSource,
} from '../../nodes/chatapp-connection/connection-source';
import { readDraft } from '../../nodes/chatapp-connection/draft';
import { readConnectionSettings } from '../../nodes/chatapp-connection/settings';
import { detail, DETAILS } from '../../src/error-details';
import { MAX_PARTITIONS } from '../../src/cluster/settings';
import { isRecord } from '../../src/events/json';

const SECRETS = { accessToken: 'token', clusterUser: 'shop', clusterPassword: ' p ', clusterToken: 's3cret' };

describe('the NATS of a connection', () => {
  const read = (saved: object, secrets: object = SECRETS): ReturnType<typeof readConnectionSettings> =>
    readConnectionSettings({ auth: 'token', ...saved }, secrets);
  /** Which fields are wrong, and what is wanted there. */
  const wrong = (saved: object, secrets?: object): string[] =>
    read(saved, secrets).problems.map(({ params }) => `${params.field}: ${params.wanted}`);

  it('is not there where no servers are given, whatever else is filled in', () => {
    for (const cluster of [undefined, '', '  ', null]) {
      const { options, problems } = read({ cluster, clusterAuth: 'nonsense', replicas: 2 });
      assert.equal(options.cluster, undefined);
      assert.deepEqual(problems, []);
    }
  });

  it('has the servers, one copy, 16 partitions and a day if nothing else is set', () => {
    const { options, problems } = read({ cluster: 'nats-1, tls://nats-2:4223' });
    assert.deepEqual(problems, []);
    assert.deepEqual(options.cluster, {
      servers: ['nats://nats-1', 'tls://nats-2:4223'],
      replicas: 1,
      partitions: 16,
      keepHours: 24,
    });
  });

  it('may have as many partitions as the cluster takes', () => {
    const { problems, options } = read({ cluster: 'nats-1', partitions: String(MAX_PARTITIONS) });
    assert.deepEqual([problems, options.cluster?.partitions], [[], MAX_PARTITIONS]);
  });

  it('gets the account by the app id of pasted tokens, too', () => {
    const { options } = read({ cluster: 'nats-1' }, { ...SECRETS, appId: ' app_14545_1 ' });
    assert.deepEqual(options.credentials, { kind: 'token', accessToken: 'token', appId: 'app_14545_1' });
  });

  it('logs in as it is said, with the password as it was typed', () => {
    const login = (saved: object): unknown => read({ cluster: 'nats-1', ...saved }).options.cluster?.login;
    assert.equal(login({ clusterAuth: 'none' }), undefined);
    assert.deepEqual(login({ clusterAuth: 'user' }), { kind: 'user', user: 'shop', password: ' p ' });
    assert.deepEqual(login({ clusterAuth: 'token' }), { kind: 'token', token: 's3cret' });
    assert.deepEqual(login({ clusterAuth: 'creds', clusterCreds: ' /a.creds ' }), { kind: 'creds', file: '/a.creds' });
  });

  it('takes texts for numbers, as the form and variables give them', () => {
    const { options } = read({ cluster: 'nats-1', replicas: '3', partitions: '64', keepHours: '72' });
    const { replicas, partitions, keepHours } = options.cluster ?? {};
    assert.deepEqual([replicas, partitions, keepHours], [3, 64, 72]);
  });

  for (const [what, saved, reported] of [
    ['servers that are none', { cluster: 'http://nats' }, `cluster: ${DETAILS.natsServers}`],
    ['servers with a login in them', { cluster: 'nats://me:pw@nats-1' }, `cluster: ${DETAILS.natsLogin}`],
    [
      'servers of a variable that is not set',
      { cluster: '${NATS}' },
      'cluster: the environment variable NATS is not set',
    ],
    ['webhooks beside it', { receive: 'both', webhookUrl: 'https://a.example' }, `receive: ${DETAILS.clusterSocket}`],
    [
      'webhooks in its place',
      { receive: 'webhook', webhookUrl: 'https://a.example' },
      `receive: ${DETAILS.clusterSocket}`,
    ],
    ['an unknown login', { clusterAuth: 'key' }, 'clusterAuth: one of none, user, token, creds'],
    ['a creds file without a path', { clusterAuth: 'creds' }, `clusterCreds: ${DETAILS.clusterCreds}`],
    ['two copies', { replicas: 2 }, 'replicas: one of 1, 3, 5'],
    ['no partitions', { partitions: 0 }, 'partitions: a number from 1 to 256'],
    ['more partitions than there may be', { partitions: 257 }, 'partitions: a number from 1 to 256'],
    ['half a partition', { partitions: 1.5 }, 'partitions: a whole number'],
    ['no hours', { keepHours: 0 }, 'keepHours: a number from 1 to 8760'],
    ['more hours than a year has', { keepHours: 8761 }, 'keepHours: a number from 1 to 8760'],
  ] as const) {
    it(`tells of ${what}, and wants something else`, () => {
      assert.deepEqual(wrong({ cluster: 'nats-1', ...saved }), [reported]);
    });
  }

  it('reports which part of the login is missing', () => {
    const missing = (clusterAuth: string): string[] =>
      wrong({ cluster: 'nats-1', clusterAuth }, { accessToken: 'token' });
    const user = [`clusterUser: ${DETAILS.clusterUser}`, `clusterPassword: ${DETAILS.clusterPassword}`];
    assert.deepEqual(missing('user'), user);
    assert.deepEqual(missing('token'), [`clusterToken: ${DETAILS.clusterToken}`]);
  });

  it('never says what the servers, the user or a secret are', () => {
    const { problems } = read({ cluster: 'nats://me:s3cret@nats-1', clusterAuth: 'user', replicas: 7 });
    assert.ok(problems.length > 0);
    for (const { message } of problems) assert.doesNotMatch(message, /s3cret|shop|nats-1:4222@|me:/);
  });

  it('uses the TLS configuration that is chosen for it and reports one that is not deployed', () => {
    const addTLSOptions = (options: object): void => void Object.assign(options, { ca: 'a PEM' });
    const RED = runtime({ own: { addTLSOptions } });
    const settings = read({ cluster: 'tls://nats-1' });
    const chosen = withClusterTls(RED, { clusterTls: 'own' }, settings);
    assert.deepEqual([chosen.options.cluster?.tls, chosen.problems], [{ ca: 'a PEM' }, []]);
    for (const none of ['', undefined, '_ADD_']) {
      assert.equal(withClusterTls(RED, { clusterTls: none }, settings), settings);
    }
    const [problem] = withClusterTls(RED, { clusterTls: 'gone' }, settings).problems;
    assert.deepEqual(problem?.params, { field: 'clusterTls', ...detail('wanted', 'tls') });
    assert.deepEqual(withClusterTls(RED, { clusterTls: 'gone' }, read({})).problems, []);
  });

  it('makes another connection of it, by each of its settings', () => {
    const more = [
      {},
      { cluster: 'nats-2' },
      { clusterAuth: 'user' },
      { clusterAuth: 'token' },
      { replicas: 3 },
      { partitions: 17 },
      { keepHours: 25 },
    ].map((saved) => read({ cluster: 'nats-1', ...saved }).options);
    const withTls = { ...read({}).options, cluster: { servers: ['nats://nats-1'], tls: { ca: 'a PEM' } } };
    const prints = [read({}).options, ...more, withTls].map((options) => fingerprintOf({ options, network: {} }));
    assert.equal(new Set(prints).size, prints.length);
    for (const print of prints) assert.match(print, /^[0-9a-f]{64}$/);
  });

  describe('in a draft', () => {
    const saved = { auth: 'token', cluster: 'nats-1', clusterAuth: 'token' };
    const CREDS = { auth: 'token', cluster: 'nats-1', clusterAuth: 'creds', clusterCreds: '/keys/shop.creds' };
    const sources = (RED: NodeAPI, properties: object): DeployedSources => {
      const node: unknown = RED.nodes.getNode('main');
      assert.ok(isNode(node));
      const deployed = new DeployedSources(RED);
      deployed.add(node, { ...read(properties), network: { tls: {} } });
      return deployed;
    };
    const draft = (settings: object, credentials: object = {}, properties: object = saved): ConnectionSource => {
      const RED = runtime({ main: { id: 'main', credentials: SECRETS, ...properties } });
      const body = { id: 'main', settings: { ...properties, ...settings }, credentials };
      const source = readDraft(RED, body, sources(RED, properties));
      return source ?? assert.fail('it is no draft');
    };

    it('logs in with the secret that is kept', () => {
      const { options, problems } = draft({});
      assert.deepEqual(problems, []);
      assert.deepEqual(options.cluster?.login, { kind: 'token', token: 's3cret' });
    });

    it('for other servers wants the secret typed again, and no other', () => {
      const { options, problems } = draft({ cluster: 'nats-2' });
      const reported = problems.map(({ params }) => [params.field, params.wanted]);
      assert.deepEqual(reported, [['clusterToken', DETAILS.retypeCluster]]);
      assert.doesNotMatch(JSON.stringify(options), /s3cret/);
      assert.deepEqual(draft({ cluster: 'nats-2' }, { clusterToken: 'new' }).problems, []);
    });

    it('logs in with the file that is deployed, at the servers that are deployed', () => {
      const { options, problems } = draft({}, {}, CREDS);
      assert.deepEqual(problems, []);
      assert.deepEqual(options.cluster?.login, { kind: 'creds', file: '/keys/shop.creds' });
    });

    it('reads no other file, and answers the same whether it is there', () => {
      const wanted = [['clusterCreds', DETAILS.deployFirst]];
      for (const settings of [{ cluster: 'nats-2' }, { clusterCreds: __filename }, { clusterCreds: '/not/there' }]) {
        const { options, problems } = draft(settings, {}, CREDS);
        assert.deepEqual(
          problems.map(({ params }) => [params.field, params.wanted]),
          wanted,
        );
        assert.deepEqual(options.cluster?.login, { kind: 'creds', file: '' });
      }
    });

    it('fills variables of the login only at the servers that are deployed', () => {
      const { options, problems } = draft({ cluster: 'nats-2' }, { clusterToken: '${PATH}' });
      assert.deepEqual(
        problems.map(({ params }) => [params.field, params.wanted]),
        [['clusterToken', DETAILS.deployFirst]],
      );
      assert.deepEqual(options.cluster?.login, { kind: 'token', token: '${PATH}' });
    });
  });
});

/** Node-RED, as far as it is asked here, with these nodes. */
function runtime(nodes: Readonly<Record<string, object>>): NodeAPI {
  const RED: unknown = {
    nodes: {
      getNode: (id: string) => nodes[id] ?? null,
      getCredentials: () => ({}),
      eachNode: (visit: (node: object) => void) => Object.values(nodes).forEach(visit),
    },
    settings: {},
    util: {},
  };
  assert.ok(isRuntime(RED));
  return RED;
}

function isRuntime(value: unknown): value is NodeAPI {
  return isRecord(value);
}

function isNode(value: unknown): value is Node {
  return isRecord(value);
}
