import assert from 'node:assert/strict';
import { messageOf } from '../../nodes/shared/message';
import { sampleNaming } from '../../nodes/shared/sample';
import manifest from '../../package.json';
import { channelName, sampleEnvelope, SAMPLES } from '../../src/events';
import { isRecord } from '../../src/events/json';
import { channelFacts, deliveriesOf } from '../../src/inbox/delivery';
import { document, inCode, tableRows } from './documents';

const readme = document('README.md');
const messages = document('docs/messages.md');
const LISTENS_TO_ALL = { events: [], direction: 'any' } as const;

describe('README', () => {
  it('names every node type, and no other', () => {
    const types = tableRows(readme, 'Node', 'Type').map(([, type]) => inCode(type)[0]);
    assert.deepEqual(types.sort(), Object.keys(manifest['node-red'].nodes).sort());
  });

  it('gives a reason for every runtime dependency, and for no other', () => {
    const rows = tableRows(readme, 'Package', 'Why');
    assert.deepEqual(rows.map(([name]) => inCode(name)[0]).sort(), Object.keys(manifest.dependencies).sort());
    for (const [name, why = ''] of rows) assert.ok(why.length > 20, name);
  });

  it('shows only properties that a message has', () => {
    const shown = tableRows(readme, 'Property', 'What it is').map(([name]) => inCode(name)[0]?.slice('msg.'.length));
    assert.ok(shown.length > 3);
    for (const name of shown) assert.ok(propertiesOfMessages().includes(name ?? ''), name);
  });

  it('names the package as one installs it', () => {
    assert.ok(readme.text.includes(`npm install ${manifest.name}\n`));
    const [node] = /[\d.]+/.exec(manifest.engines.node) ?? [];
    const [nodeRed] = /\d+/.exec(manifest['node-red'].version) ?? [];
    assert.ok(readme.text.includes(`Node-RED ${nodeRed} or newer and Node.js ${node} or newer`));
  });

  it('can be read in one go', () => {
    assert.ok(readme.text.split('\n').length <= 240);
  });
});

describe('the page of messages and events', () => {
  it('has the tables that are made of the code', () => {
    for (const table of ['fields', 'events']) assert.match(messages.text, new RegExp(`^<!-- ${table} -->$`, 'm'));
  });

  it('describes every property of a message, and no other', () => {
    const described = tableRows(messages, 'Property', 'Type').map(([name]) => inCode(name)[0]);
    // Only the editor makes samples, and says so in the message.
    const elsewhere = ['chatapp.sample'];
    assert.deepEqual(described.filter((name = '') => !elsewhere.includes(name)).sort(), propertiesOfMessages());
  });
});

/** Every property that some message has. */
function propertiesOfMessages(): string[] {
  const addresses = [
    { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
    { type: 'employee', companyId: '3001', userId: '7001' },
  ] as const;
  const messages = addresses.flatMap((address) => {
    const { meta } = sampleEnvelope('message', address);
    const items = SAMPLES.message.map((item) => ({ ...item }));
    const channel = channelName(address);
    const arrival = { event: 'message', channel, facts: channelFacts(channel), receivedAt: 0, recovered: false };
    const deliveries = deliveriesOf(arrival, { items, meta: { ...meta } }, LISTENS_TO_ALL);
    return deliveries.map((delivery) => messageOf(delivery, sampleNaming(delivery)));
  });
  return [...new Set(messages.flatMap((message) => pathsIn(message)))].sort();
}

/** The paths of what stands in a message: `msg.chatapp` stands for its fields, and `parts` and what ChatApp sent for themselves. */
function pathsIn(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const own = path + name;
    if (own === 'chatapp' && isRecord(inner)) return pathsIn(inner, 'chatapp.');
    return OBJECTS.has(own) && isRecord(inner) ? [own, ...pathsIn(inner, `${own}.`)] : [own];
  });
}

const OBJECTS: ReadonlySet<string> = new Set(['chatapp.from', 'chatapp.file']);
