import { englishText } from '../../src/errors';
import type { ChannelHealth, ConnectionHealth, Failure } from '../../src/health';
import { DEFAULT_API_URL, DEFAULT_APP_KEY, DEFAULT_SOCKET_URL } from '../../src';
import type { HealthEntry } from '../shared/health-answers';
import type { ConnectionSource } from './connection-source';

/** How many channels are listed one by one. */
const MAX_CHANNELS = 200;

export interface DiagnosticsSubject {
  readonly versions: Readonly<Record<string, string>>;
  readonly source: ConnectionSource;
  readonly entry: HealthEntry;
  /** In ms since the epoch. */
  readonly time: number;
}

/** A report for a bug report, in English: without secrets, and without anything of a customer. */
export function diagnosticsText({ versions, source, entry, time }: DiagnosticsSubject): string {
  const { id, problems, health } = entry;
  return [
    section('ChatApp connection', [`node ${id}`, `time ${iso(time)}`, ...pairs(versions)]),
    section('Settings', pairs(settingsOf(source))),
    ...(problems.length > 0 ? [section('Problems', problems.map(failureText))] : []),
    ...(health ? healthSections(health) : []),
  ].join('\n');
}

/** Only what is listed here. Of addresses only the host: a path or a user may be a secret. */
function settingsOf({ options, network }: ConnectionSource): Readonly<Record<string, string>> {
  const { credentials, apiUrl = DEFAULT_API_URL, socketUrl = DEFAULT_SOCKET_URL, appKey = DEFAULT_APP_KEY } = options;
  const { receive = 'socket', recoverHours, keepHours, cluster, callbackUrl } = options;
  const hasRefresh = credentials.kind === 'token' && credentials.refreshToken !== undefined;
  return {
    login: credentials.kind === 'account' ? 'email and password' : `pasted token${hasRefresh ? 's' : ''}`,
    'API host': hostOf(apiUrl),
    'socket host': hostOf(socketUrl),
    'app key': appKey === DEFAULT_APP_KEY ? 'default' : 'another one',
    receive,
    ...(callbackUrl !== undefined && { 'webhook host': hostOf(callbackUrl) }),
    'recover hours': String(recoverHours),
    'keep hours': String(keepHours),
    TLS: Object.keys(network.tls ?? {}).length > 0 ? 'own configuration' : 'default',
    proxy: network.proxyFor?.(apiUrl) === undefined ? 'none' : 'yes',
    cluster: cluster ? `${cluster.servers.length} NATS servers, ${cluster.partitions ?? 'default'} partitions` : 'none',
  };
}

function healthSections(health: ConnectionHealth): string[] {
  const { login, socket, store, channels, listeners, senders, cluster, errors, totals } = health;
  const shown = [...channels].sort((one, other) => rankOf(one) - rankOf(other)).slice(0, MAX_CHANNELS);
  const more = channels.length - shown.length;
  return [
    section('Login', [
      record(
        { state: login.state, renewed: iso(login.renewedAt), 'valid until': iso(login.validUntil) },
        login.failure,
      ),
    ]),
    ...(socket
      ? [
          section('Socket', [
            record({ state: socket.state, since: iso(socket.since), 'last pong': iso(socket.pongAt) }, socket.failure),
          ]),
        ]
      : []),
    section('Store', [record({ working: store.isWorking }, store.failure)]),
    ...(cluster
      ? [
          section('Cluster', [
            record({ role: cluster.role, instances: cluster.instances, partitions: cluster.partitions }),
          ]),
        ]
      : []),
    section(`Channels: ${channels.length}`, [...shown.map(channelText), ...(more > 0 ? [`… and ${more} more`] : [])]),
    section(
      'Listeners',
      listeners.map(({ node, ...rest }) =>
        record({ node, ...rest, oldest: iso(rest.oldest), nextAttempt: iso(rest.nextAttempt) }),
      ),
    ),
    section(
      'Send and API nodes',
      senders.map(({ refused, ...rest }) => record({ ...rest, ...refused })),
    ),
    section(
      'Events in this run',
      totals.events.map((one) => record({ ...one })),
    ),
    section(
      'Latest errors',
      errors.map(
        (error) =>
          `${iso(error.at) ?? ''} ×${error.count} ${failureText(error)}${error.nodes.length > 0 ? ` [${error.nodes.join(', ')}]` : ''}`,
      ),
    ),
  ];
}

/** Those that need attention come first. */
function rankOf({ state, gap }: ChannelHealth): number {
  return state !== 'receiving' ? 0 : gap ? 1 : 2;
}

function channelText({ channel, state, lastEvent, gap, skipped, hours = [], webhook, failure }: ChannelHealth): string {
  const missing =
    gap && `since ${iso(gap.from) ?? ''}, ${gap.chatsDone}/${gap.chatsFound} chats, ${gap.messages} messages`;
  const events = hours.reduce((sum, count) => sum + count, 0);
  return record(
    { channel, state, webhook: webhook?.state, last: iso(lastEvent), '24 h': events, ...skipped, gap: missing },
    failure ?? webhook?.failure ?? gap?.failure,
  );
}

function failureText(failure: Failure): string {
  return `${failure.code}.${failure.reason}: ${englishText(failure)}`;
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...(lines.length > 0 ? lines : ['none']).map((line) => `  ${line}`), ''].join('\n');
}

function pairs(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `${name}: ${value}`);
}

function record(values: Readonly<Record<string, string | number | boolean | undefined>>, failure?: Failure): string {
  const known = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`));
  return [known.join(', '), ...(failure ? [failureText(failure)] : [])].join('; ');
}

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '?';
}
