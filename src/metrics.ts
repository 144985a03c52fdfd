import type { ChannelHealth, ConnectionHealth, EventTotals } from './health';

/** A connection, and what the metrics call it. */
export interface MeasuredConnection {
  readonly id: string;
  readonly name?: string;
  readonly health: ConnectionHealth;
}

type Labels = Readonly<Record<string, string>>;

type Sample = readonly [labels: Labels, value: number | undefined];

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** All samples have the label `connection`, too. */
  readonly labels: readonly string[];
  readonly samples: (health: ConnectionHealth) => readonly Sample[];
}

const LATENCY = {
  name: 'chatapp_delivery_latency_seconds',
  type: 'histogram',
  help: 'Time from the arrival of an event to its delivery to the next node or, with “Done node”, to the end of the flow.',
  labels: ['le'],
} as const;

/** All metrics but the histogram. The documentation lists them. */
const SIMPLE: readonly Metric[] = [
  events('received', 'Events that arrived and that a node wants, duplicates included.', ({ received }) => received),
  events('duplicate', 'Events that were dropped since they had come before.', ({ duplicates }) => duplicates),
  events('backfilled', 'Events that were missed and fetched from the history.', ({ backfilled }) => backfilled),
  events('delivered', 'Events that were delivered, once for each listener.', ({ delivered }) => delivered),
  events('dead_lettered', 'Events that were given up and kept as dead letters.', ({ deadLettered }) => deadLettered),
  gauge('events_pending', 'Events that wait for a flow, or for a further attempt.', ({ listeners }) =>
    sum(listeners.map(({ waiting }) => waiting)),
  ),
  gauge('events_in_flight', 'Events that flows work on.', ({ listeners }) =>
    sum(listeners.map(({ inFlight }) => inFlight)),
  ),
  gauge('dead_letters', 'Dead letters that are kept.', ({ listeners }) =>
    sum(listeners.map(({ deadLetters }) => deadLetters)),
  ),
  gauge('gaps_open', 'Channels of which messages may be missing.', ({ channels }) =>
    sum(channels.map(({ gap }) => Number(gap !== undefined))),
  ),
  line('receiving', '1 if the channel is received, else 0.', ({ state }) => Number(state === 'receiving')),
  line('gap_open', '1 if messages of the channel may be missing, else 0.', ({ gap }) => Number(gap !== undefined)),
  line('last_event_timestamp_seconds', 'When the last event of the channel arrived.', ({ lastEvent }) =>
    lastEvent === undefined ? undefined : lastEvent / 1_000,
  ),
  {
    name: 'chatapp_sends_total',
    type: 'counter',
    help: 'Messages and requests of send and API nodes, by outcome: sent, refused or uncertain.',
    labels: ['outcome'],
    samples: ({ senders }) => [
      [{ outcome: 'sent' }, sum(senders.map(({ sent }) => sent))],
      [{ outcome: 'refused' }, sum(senders.flatMap(({ refused }) => Object.values(refused)))],
      [{ outcome: 'uncertain' }, sum(senders.map(({ uncertain }) => uncertain))],
    ],
  },
  gauge('sends_pending', 'Messages and requests that wait or are on their way.', ({ senders }) =>
    sum(senders.map(({ queued }) => queued)),
  ),
  gauge(
    'socket_connected',
    '1 if the socket is open, else 0.',
    ({ socket }) => socket && Number(socket.state === 'open'),
  ),
  gauge('token_valid', '1 unless no token can be had: then 0.', ({ login }) => Number(login.state !== 'failed')),
  gauge('token_expiry_timestamp_seconds', 'When the access token ends.', ({ login: { validUntil } }) =>
    validUntil === undefined ? undefined : validUntil / 1_000,
  ),
  gauge('store_working', '1 if events can be stored, else 0.', ({ store }) => Number(store.isWorking)),
  gauge('cluster_instances', 'Instances that are alive.', ({ cluster }) => cluster?.instances),
  gauge(
    'cluster_leader',
    '1 if this instance leads, else 0.',
    ({ cluster }) => cluster && Number(cluster.role === 'leader'),
  ),
];

/** All metrics, as they are documented. */
export const METRICS: readonly (Omit<Metric, 'samples' | 'type'> & { readonly type: string })[] = [...SIMPLE, LATENCY];

/** The state of connections in the text format of Prometheus, version 0.0.4. */
export function metricsText(connections: readonly MeasuredConnection[]): string {
  const named = connections.map(({ id, name, health }) => {
    const isUnique = connections.filter((other) => other.name === name).length === 1;
    return { connection: name === undefined ? id : isUnique ? name : `${name} (${id})`, health };
  });
  const simple = SIMPLE.flatMap((metric) => {
    const lines = named.flatMap(({ connection, health }) =>
      metric
        .samples(health)
        .flatMap(([labels, value]) =>
          value === undefined ? [] : [sampleLine(metric.name, { connection, ...labels }, value)],
        ),
    );
    return lines.length === 0 ? [] : [...headOf(metric), ...lines];
  });
  const latencies = named.flatMap(({ connection, health }) => latencyLines(connection, health));
  return [...simple, ...(latencies.length > 0 ? [...headOf(LATENCY), ...latencies] : [])]
    .map((text) => `${text}\n`)
    .join('');
}

function latencyLines(connection: string, { totals }: ConnectionHealth): string[] {
  const { buckets, sum: total, count } = totals.latency;
  let below = 0;
  const lines = buckets.map((bucket) => {
    below += bucket.count;
    const le = bucket.le === Infinity ? '+Inf' : String(bucket.le);
    return sampleLine(`${LATENCY.name}_bucket`, { connection, le }, below);
  });
  return [
    ...lines,
    sampleLine(`${LATENCY.name}_sum`, { connection }, total),
    sampleLine(`${LATENCY.name}_count`, { connection }, count),
  ];
}

function headOf({
  name,
  type,
  help,
}: {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}): string[] {
  return [`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`];
}

function sampleLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}{${pairs.join(',')}} ${value}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function events(name: string, help: string, count: (totals: EventTotals) => number): Metric {
  return {
    name: `chatapp_events_${name}_total`,
    type: 'counter',
    help,
    labels: ['event', 'source'],
    samples: ({ totals }) => totals.events.map((one): Sample => [{ event: one.event, source: one.source }, count(one)]),
  };
}

function gauge(name: string, help: string, value: (health: ConnectionHealth) => number | undefined): Metric {
  return { name: `chatapp_${name}`, type: 'gauge', help, labels: [], samples: (health) => [[{}, value(health)]] };
}

/** One for each channel: no more than these three, since an account may have thousands. */
function line(name: string, help: string, value: (channel: ChannelHealth) => number | undefined): Metric {
  return {
    name: `chatapp_line_${name}`,
    type: 'gauge',
    help,
    labels: ['channel', 'line', 'messenger'],
    samples: ({ channels }) =>
      channels.map((one): Sample => {
        const { channel, licenseId = '', messengerType = '' } = one;
        return [{ channel, line: licenseId, messenger: messengerType }, value(one)];
      }),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
