import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../../scripts/example-flows';
import { codeBlocks, document } from './documents';
import {
  ALONE,
  container,
  fileText,
  FOLDER,
  manifest,
  MANIFESTS,
  namesIn,
  ON_TOP,
  recordOf,
  SECRETS,
  service,
  variablesOf,
} from './scaling-files';

const page = document('docs/scaling.md');
describe('the files for several Node-REDs', () => {
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
});
