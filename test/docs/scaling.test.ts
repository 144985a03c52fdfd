import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, parseAllDocuments } from 'yaml';
import { natsProgram } from '../../scripts/demo/nats-server';
import { linkPackage, startNodeRed } from '../../scripts/demo/node-red';
import { entriesOf } from '../../scripts/example-flows';
import { startSimulator } from '../../simulator';
import { DEFAULT_API_URL, DEFAULT_SOCKET_URL } from '../../src';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { HttpFarEnd } from '../support/http-far-end';
import { startNats } from '../support/nats';
import { codeBlocks, document, ROOT } from './documents';

const page = document('docs/scaling.md');
const FOLDER = join(ROOT, 'docs/scaling');
const ALONE = recordOf(parse(fileText('compose.yaml'), { merge: true }));
const ON_TOP = recordOf(parse(fileText('compose.three-servers.yaml'), { merge: true }));
const MANIFESTS = parseAllDocuments(fileText('kubernetes.yaml')).map((one) => recordOf(one.toJS()));
/** What the page tells to put into the Secrets. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  chatapp: ['CHATAPP_EMAIL', 'CHATAPP_PASSWORD', 'CHATAPP_APP_ID', 'WORK_URL'],
  nats: ['NATS_USER', 'NATS_PASSWORD'],
};
/** What nats-server may be started with. */
const FLAGS = ['config', 'name', 'cluster_name', 'cluster', 'routes'];

describe('the files for several Node-REDs', function () {
  this.timeout(60_000);

  it('are all named by the page', () => {
    for (const name of readdirSync(FOLDER)) assert.ok(page.text.includes(`](scaling/${name})`), name);
  });

  it('give each copy every variable that the flow, its credentials and the settings read', () => {
    const read = namesIn(fileText('flows.json') + fileText('flows_cred.json'));
    assert.ok(read.length >= 7);
    for (const name of ['node-red-1', 'node-red-2', 'node-red-3']) {
      const own = Object.keys(recordOf(service(ALONE, name).environment));
      assert.deepEqual(read, [...own].sort(), name);
      for (const variable of Object.keys(recordOf(service(ON_TOP, name).environment)))
        assert.ok(own.includes(variable));
    }
    assert.deepEqual(read, variablesOf(container('Deployment')).sort());
  });

  it('take their values from a file of which the page shows all', () => {
    const [shown = ''] = codeBlocks(page, 'ini');
    const named = [...shown.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    assert.deepEqual(named.sort(), Object.values(SECRETS).flat().sort());
    for (const name of namesIn(fileText('compose.yaml') + fileText('compose.three-servers.yaml'))) {
      assert.ok(named.includes(name), name);
    }
  });

  it('mount files that are there, where Node-RED and NATS read them', () => {
    const services = [ALONE, ON_TOP].flatMap((file) => Object.values(recordOf(file.services)).map(recordOf));
    const mounts = services.flatMap(({ volumes }) => entriesOf(volumes)).map(String);
    assert.ok(mounts.length >= 9);
    const kept = [ALONE, ON_TOP].flatMap(({ volumes }) => Object.keys(recordOf(volumes)));
    for (const mount of mounts) {
      const [from = '', to = ''] = mount.split(':');
      if (!from.startsWith('./')) assert.ok(kept.includes(from) && to === '/data', mount);
      else assert.ok(existsSync(join(FOLDER, from)) && to.endsWith(from.slice(1)), mount);
    }
    const mounted = entriesOf(container('Deployment').volumeMounts).map((one) => String(recordOf(one).subPath));
    const made = [...page.text.matchAll(/--from-file=(\S+)/g)].map(([, name = '']) => name);
    for (const name of mounted) assert.ok(existsSync(join(FOLDER, name)) && made.includes(name), name);
  });

  it('name their parts alike: services, selectors, ports, ConfigMaps and Secrets', () => {
    const labels = MANIFESTS.map(({ metadata }) => String(recordOf(metadata).name));
    assert.deepEqual([...new Set(labels)].sort(), ['nats', 'node-red']);
    for (const kind of ['StatefulSet', 'Deployment']) {
      const { selector, template } = recordOf(manifest(kind).spec);
      assert.deepEqual(recordOf(selector).matchLabels, recordOf(recordOf(template).metadata).labels);
    }
    for (const kind of ['Service', 'PodDisruptionBudget']) {
      const { selector } = recordOf(manifest(kind).spec);
      assert.match(JSON.stringify(selector), /"app":"nats"/);
    }
    const made = [...page.text.matchAll(/create (?:secret generic|configmap) (\S+)/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(made)].sort(), ['chatapp', 'flow', 'nats']);
  });

  it('let each server know the others by the names that they have', () => {
    for (const [commands, names] of [
      [
        ['nats-1', 'nats-2', 'nats-3'].map((name) => entriesOf(service(ON_TOP, name).command)),
        ['nats-1', 'nats-2', 'nats-3'],
      ],
      [[entriesOf(container('StatefulSet').args)], ['nats-0.nats', 'nats-1.nats', 'nats-2.nats']],
    ] as const) {
      const routes = names.map((name) => `nats://${name}:6222`).join(',');
      for (const command of commands) assert.ok(command.includes(`--routes=${routes}`), command.join(' '));
    }
    const servers = [service(ON_TOP, 'node-red-1').environment, container('Deployment').env].map((one) =>
      JSON.stringify(one),
    );
    assert.ok(servers[0]?.includes('"nats-1:4222,nats-2:4222,nats-3:4222"'));
    assert.ok(servers[1]?.includes('"nats-0.nats:4222,nats-1.nats:4222,nats-2.nats:4222"'));
  });

  describe('where NATS is installed', () => {
    let program = '';
    let folder = '';

    before(async function () {
      const found = natsProgram();
      if (found === undefined) {
        console.log('      skipped: nats-server is not installed (apt-get install nats-server)');
        return this.skip();
      }
      program = found;
      folder = await mkdtemp(join(tmpdir(), 'chatapp-scaling-'));
    });

    after(() => (folder === '' ? undefined : rm(folder, { recursive: true, force: true })));

    it('have a configuration that it takes, and start it with flags that it knows', () => {
      takes(join(FOLDER, 'nats.conf'));
      const known = spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout;
      const commands = [
        service(ALONE, 'nats-1').command,
        service(ON_TOP, 'nats-2').command,
        container('StatefulSet').args,
      ];
      const flags = commands.flatMap(entriesOf).flatMap((word) => /^--(\w+)/.exec(String(word))?.[1] ?? []);
      assert.deepEqual([...new Set(flags)].sort(), [...FLAGS].sort());
      for (const flag of flags) assert.match(known, new RegExp(`--${flag === 'name' ? 'server_name' : flag}\\b`));
    });

    it('have neighbours in the page that it takes as well', async () => {
      const [block = '', ...others] = codeBlocks(page, 'conf');
      assert.deepEqual(others, []);
      const file = join(folder, 'accounts.conf');
      await writeFile(file, block);
      takes(file);
    });

    it('have a flow that runs as it is, out of the environment that they give it', async () => {
      const ends: (() => Promise<unknown>)[] = [];
      try {
        const nats = await startNats({ settings: 'authorization { users: [{ user: flows, password: notasecret1 }] }' });
        assert.ok(nats);
        ends.unshift(() => nats.end());
        const api = await HttpFarEnd.start();
        ends.unshift(() => api.down());
        const simulator = await startSimulator();
        ends.unshift(() => simulator.close());
        const { url, socketUrl, account } = simulator;
        const flow = fileText('flows.json').replace(DEFAULT_API_URL, url).replace(DEFAULT_SOCKET_URL, socketUrl);
        await writeFile(join(folder, 'flows.json'), flow);
        await copyFile(join(FOLDER, 'flows_cred.json'), join(folder, 'flows_cred.json'));
        await linkPackage(folder);
        const environment = {
          CHATAPP_EMAIL: account.email,
          CHATAPP_PASSWORD: account.password,
          CHATAPP_APP_ID: account.appId,
          NATS_SERVERS: nats.servers.join(',').replaceAll('nats://', ''),
          NATS_REPLICAS: '1',
          NATS_USER: 'flows',
          NATS_PASSWORD: 'notasecret1',
          WORK_URL: api.url,
        };
        assert.deepEqual(Object.keys(environment).sort(), namesIn(fileText('compose.yaml') + flow));
        const nodeRed = await startNodeRed({ folder, port: 0, environment });
        ends.unshift(() => nodeRed.stop());
        const line = { licenseId: '50101', messengerType: 'telegram' };
        while (api.requests.length === 0) {
          simulator.message({ ...line, text: 'hello' });
          await pause(500);
        }
        assert.match(api.requests[0]?.body ?? '', /hello/);
        assert.equal(await readFile(join(folder, 'flows.json'), 'utf8'), flow);
      } finally {
        for (const end of ends) await end();
      }
    });

    function takes(file: string): void {
      const names = [...readFileSync(file, 'utf8').matchAll(/\$([A-Z_]+)/g)].map(([, name = '']) => name);
      assert.ok(names.length > 0);
      const env = { ...process.env, ...Object.fromEntries(names.map((name) => [name, `a${name.toLowerCase()}`])) };
      const { stderr } = spawnSync(program, ['-t', '-c', file], { env, encoding: 'utf8' });
      assert.match(stderr, /is valid/);
    }
  });
});

function fileText(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** The variables that a text names as `${NAME}`, and as `${NAME:?}` in Compose. */
function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+)(?::[?-])?\}/g)].map(([, name = '']) => name))].sort();
}

function service(file: JsonRecord, name: string): JsonRecord {
  return recordOf(recordOf(file.services)[name]);
}

function manifest(kind: string): JsonRecord {
  return MANIFESTS.find((one) => one.kind === kind) ?? assert.fail(kind);
}

function container(kind: string): JsonRecord {
  const { template } = recordOf(manifest(kind).spec);
  const [only, ...others] = entriesOf(recordOf(recordOf(template).spec).containers);
  assert.deepEqual(others, []);
  return recordOf(only);
}

/** The names of the environment variables of a container. */
function variablesOf({ env, envFrom }: JsonRecord): string[] {
  const own = entriesOf(env).map((one) => String(recordOf(one).name));
  const secrets = entriesOf(envFrom).map((one) => String(recordOf(recordOf(one).secretRef).name));
  return [...own, ...secrets.flatMap((name) => SECRETS[name] ?? assert.fail(name))];
}

function recordOf(value: unknown): JsonRecord {
  assert.ok(isRecord(value), JSON.stringify(value));
  return value;
}
