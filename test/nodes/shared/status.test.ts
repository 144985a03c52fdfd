import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { nodeStatus } from '../../../nodes/shared/status';
import { isRecord } from '../../../src/events/json';
import { STATUS_KINDS, type Status } from '../../../src/status';

const NOW = 1_800_000_000_000;
const CATALOGUE = join(__dirname, '../../../nodes/chatapp-connection/locales/en-US/chatapp-connection.json');

/** Node-RED's `RED._` over the real English catalogue. */
function translator(): NodeAPI['_'] {
  const catalogue: unknown = JSON.parse(readFileSync(CATALOGUE, 'utf8'));
  return (key, values = {}) => {
    const path = key.replace(/^@chatapp-community\/node-red-chatapp\/chatapp-connection:/, '').split('.');
    const text = path.reduce<unknown>((node, name) => (isRecord(node) ? node[name] : undefined), catalogue);
    assert.equal(typeof text, 'string', `no text for ${key}`);
    return String(text).replace(/__(\w+)__/g, (_, name: string) => String(values[name] ?? `__${name}__`));
  };
}

describe('the status of a node', () => {
  const shown = (status: Status): ReturnType<typeof nodeStatus> => nodeStatus({ _: translator() }, status, NOW);

  it('has a text of less than 20 characters for every state, with nothing left open', () => {
    for (const kind of STATUS_KINDS) {
      const { text = '' } = shown({ kind, nextTry: NOW + 299_000, lastEvent: NOW, since: NOW, backlog: 10_000 });
      assert.match(text, /^[^_]{4,20}$/, kind);
    }
  });

  it('counts the seconds to the next try, at least one', () => {
    assert.match(shown({ kind: 'waiting', nextTry: NOW + 12_300 }).text ?? '', /\b13\b/);
    assert.match(shown({ kind: 'waiting', nextTry: NOW - 5 }).text ?? '', /\b1\b/);
  });

  it('shows the time of the last event', () => {
    const lastEvent = new Date(2027, 0, 15, 9, 5).getTime();
    assert.match(shown({ kind: 'listening', lastEvent }).text ?? '', /09:05/);
  });

  it('says so while only some of the lines are received', () => {
    assert.match(shown({ kind: 'listening', channels: { listening: 3, total: 5 }, lastEvent: NOW }).text ?? '', /3.*5/);
    assert.doesNotMatch(shown({ kind: 'listening', channels: { listening: 5, total: 5 } }).text ?? '', /5/);
  });

  it('shows rather how many events wait for the flow, and when the next one is delivered again', () => {
    const lastEvent = new Date(2027, 0, 15, 9, 5).getTime();
    const status = { kind: 'listening', lastEvent, backlog: 12 } as const;
    assert.deepEqual(shown(status), { fill: 'green', shape: 'dot', text: '12 waiting' });
    const nextAttempt = lastEvent + 10 * 60_000;
    assert.equal(shown({ ...status, nextAttempt }).text, 'retry 09:15 (12)');
    assert.ok(Number(shown({ ...status, nextAttempt, backlog: 1_000_000_000 }).text?.length) <= 20);
  });

  it('says so in yellow while nothing can be stored', () => {
    const status = { kind: 'listening', lastEvent: NOW, isUnstored: true } as const;
    assert.deepEqual(shown(status), { fill: 'yellow', shape: 'ring', text: 'nothing is stored' });
    assert.equal(shown({ ...status, kind: 'recovering', recovered: 3 }).fill, 'blue');
  });

  it('shows the role in a cluster and how many instances there are, or rather how many events wait', () => {
    const lastEvent = new Date(2027, 0, 15, 9, 5).getTime();
    for (const [kind, text] of [
      ['leading', 'leader'],
      ['standingBy', 'standby'],
    ] as const) {
      assert.equal(shown({ kind }).text, text);
      assert.equal(shown({ kind, lastEvent, instances: 3 }).text, `${text}, 3 instances`);
      assert.equal(shown({ kind, lastEvent, instances: 3, backlog: 12 }).text, '12 waiting');
      assert.equal(shown({ kind, instances: 3, backlog: 12, nextAttempt: lastEvent }).text, 'retry 09:05 (12)');
      assert.match(shown({ kind, backlog: 12, channels: { listening: 3, total: 5 } }).text ?? '', /3.*5/);
      assert.ok(Number(shown({ kind, backlog: 1_000_000_000 }).text?.length) <= 20);
    }
  });

  it('says that a leader is the only instance', () => {
    assert.equal(shown({ kind: 'leading', instances: 1 }).text, 'leader, no others');
  });

  it('shows since when NATS is away', () => {
    assert.equal(
      shown({ kind: 'clusterLost', since: new Date(2027, 0, 15, 9, 5).getTime() }).text,
      'no NATS since 09:05',
    );
  });

  it('is a green dot while events come through, a yellow ring while it reconnects, a red ring if the user has to act', () => {
    const look = (kind: Status['kind']): string => `${shown({ kind }).fill} ${shown({ kind }).shape}`;
    for (const kind of ['listening', 'leading'] as const) assert.equal(look(kind), 'green dot');
    assert.equal(look('standingBy'), 'green ring');
    for (const kind of ['connecting', 'authorising', 'waiting', 'clusterLost'] as const)
      assert.equal(look(kind), 'yellow ring');
    for (const kind of ['refused', 'tokenInvalid', 'configInvalid'] as const) assert.equal(look(kind), 'red ring');
  });
});
