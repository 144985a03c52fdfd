import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import parse from 'parse-prometheus-text-format';
import type { ConnectionHealth } from '../../src/health';
import { METRICS, metricsText } from '../../src/metrics';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

const HEALTH: ConnectionHealth = {
  login: { method: 'account', state: 'ok', validUntil: 1_800_000_000_000 },
  socket: { state: 'open', since: 0 },
  store: { isWorking: true },
  channels: [
    {
      channel: CHANNEL,
      type: 'messenger',
      licenseId: '50101',
      messengerType: 'telegram',
      state: 'receiving',
      lastEvent: 1_700_000_000_500,
      skipped: {},
      listeners: ['listener'],
    },
    {
      channel: 'private-v1.users.7',
      type: 'user',
      userId: '7',
      state: 'refused',
      gap: { from: 0, isFilling: false, chatsFound: 0, chatsDone: 0, messages: 0 },
      skipped: {},
      listeners: [],
    },
  ],
  listeners: [
    { node: 'a', status: 'listening', ack: 'done', waiting: 3, inFlight: 2, deadLetters: 1 },
    { node: 'b', status: 'listening', ack: 'done', waiting: 4, inFlight: 0, deadLetters: 0 },
  ],
  senders: [
    { node: 'send', queued: 1, sent: 7, uncertain: 1, refused: { 'SEND_REFUSED.loop': 2, 'SEND_REFUSED.busy': 3 } },
  ],
  errors: [],
  totals: {
    events: [
      { event: 'message', source: 'socket', received: 10, duplicates: 1, backfilled: 0, delivered: 9, deadLettered: 0 },
      { event: 'message', source: 'history', received: 4, duplicates: 2, backfilled: 2, delivered: 2, deadLettered: 1 },
    ],
    latency: {
      buckets: [
        { le: 0.001, count: 8 },
        { le: 1, count: 2 },
        { le: Infinity, count: 1 },
      ],
      sum: 700.5,
      count: 11,
    },
  },
};

describe('metricsText', () => {
  const text = metricsText([{ id: 'one', name: 'Shop', health: HEALTH }]);
  const families = parse(text);
  const valueOf = (name: string, labels: Readonly<Record<string, string>> = {}): number => {
    const samples = families.find((family) => family.name === name)?.metrics ?? [];
    const wanted = Object.entries({ connection: 'Shop', ...labels });
    const sample = samples.find((one) => wanted.every(([label, value]) => one.labels?.[label] === value));
    return Number(sample?.value);
  };

  it('gives counters, gauges and the latency, each once, with the names of the table', () => {
    const known = METRICS.map(({ name }) => name).sort();
    const given = families.map(({ name }) => name).sort();
    assert.deepEqual(
      given,
      known.filter((name) => !name.startsWith('chatapp_cluster_')),
    );
    assert.deepEqual(
      families.map(({ type }) => type).filter((type) => !/^(COUNTER|GAUGE|HISTOGRAM)$/.test(type)),
      [],
    );
  });

  it('follows the conventions of Prometheus for names and units', () => {
    for (const { name, type, help } of METRICS) {
      assert.match(name, /^chatapp_[a-z]+(_[a-z]+)*$/);
      assert.equal(type === 'counter', name.endsWith('_total'), name);
      assert.doesNotMatch(name, /_(ms|milliseconds|minutes|hours|count|sum|bucket)$/);
      assert.match(help, /\.$/);
    }
  });

  it('counts events by name and source', () => {
    const socket = { event: 'message', source: 'socket' };
    const history = { event: 'message', source: 'history' };
    assert.equal(valueOf('chatapp_events_received_total', socket), 10);
    assert.equal(valueOf('chatapp_events_duplicate_total', history), 2);
    assert.equal(valueOf('chatapp_events_backfilled_total', history), 2);
    assert.equal(valueOf('chatapp_events_delivered_total', socket), 9);
    assert.equal(valueOf('chatapp_events_dead_lettered_total', history), 1);
  });

  it('says of each channel whether it is received, has a gap, and when its last event came', () => {
    const line = { channel: CHANNEL, line: '50101', messenger: 'telegram' };
    const user = { channel: 'private-v1.users.7' };
    assert.deepEqual(
      [line, user].map((labels) => [
        valueOf('chatapp_line_receiving', labels),
        valueOf('chatapp_line_gap_open', labels),
      ]),
      [
        [1, 0],
        [0, 1],
      ],
    );
    assert.equal(valueOf('chatapp_line_last_event_timestamp_seconds', line), 1_700_000_000.5);
    assert.equal(valueOf('chatapp_gaps_open'), 1);
  });

  it('sums up queues and sends', () => {
    assert.equal(valueOf('chatapp_events_pending'), 7);
    assert.equal(valueOf('chatapp_events_in_flight'), 2);
    assert.equal(valueOf('chatapp_dead_letters'), 1);
    const outcomes = ['sent', 'refused', 'uncertain'].map((outcome) => valueOf('chatapp_sends_total', { outcome }));
    assert.deepEqual(outcomes, [7, 5, 1]);
    assert.equal(valueOf('chatapp_sends_pending'), 1);
    assert.equal(valueOf('chatapp_socket_connected'), 1);
    assert.equal(valueOf('chatapp_token_expiry_timestamp_seconds'), 1_800_000_000);
  });

  it('gives the latency as a cumulative histogram in seconds', () => {
    const [sample] = families.find(({ name }) => name === 'chatapp_delivery_latency_seconds')?.metrics ?? [];
    assert.deepEqual(sample?.buckets, { '0.001': '8', '1': '10', '+Inf': '11' });
    // The parser leaves out sum and count of a histogram that has labels.
    assert.match(text, /^chatapp_delivery_latency_seconds_sum\{connection="Shop"\} 700.5$/m);
    assert.match(text, /^chatapp_delivery_latency_seconds_count\{connection="Shop"\} 11$/m);
  });

  it('escapes labels, and tells connections of the same name apart', () => {
    const odd = 'C:\\DIR "Söhne"\n{x="1"} # HELP';
    const names = parse(
      metricsText([
        { id: 'one', name: odd, health: HEALTH },
        { id: 'two', name: 'Same', health: HEALTH },
        { id: 'three', name: 'Same', health: HEALTH },
        { id: 'four', health: HEALTH },
      ]),
    ).flatMap(({ name, metrics }) =>
      name === 'chatapp_gaps_open' ? metrics.map(({ labels }) => labels?.connection) : [],
    );
    assert.deepEqual(names, [odd, 'Same (two)', 'Same (three)', 'four']);
  });

  it('gives all that the dashboard asks for', () => {
    const dashboard = readFileSync(join(__dirname, '../../docs/monitoring/grafana-dashboard.json'), 'utf8');
    const asked = new Set(dashboard.match(/chatapp_\w+/g));
    assert.ok(asked.size > 10);
    const known = METRICS.flatMap(({ name, type }) => [name, ...(type === 'histogram' ? [`${name}_bucket`] : [])]);
    assert.deepEqual(
      [...asked].filter((name) => !known.includes(name)),
      [],
    );
  });

  it('is empty without connections', () => {
    assert.equal(metricsText([]), '');
  });
});
