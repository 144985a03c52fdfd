import { readFileSync } from 'node:fs';
import { checkServerIdentity } from 'node:tls';
import type * as Jetstream from '@nats-io/jetstream';
import type * as Kv from '@nats-io/kv';
import type * as Transport from '@nats-io/transport-node';
import type { Authenticator, NodeConnectionOptions, TlsOptions } from '@nats-io/transport-node';
import type { TlsSettings } from '../api/network';
import { isRecord } from '../events/json';
import { loadLate } from '../late-module';
import type { ClusterLogin, ClusterSettings } from './settings';

/** How often a server is pinged, in ms; it is given up if two pings are not answered: after 4.5 s at most. */
const PING_EVERY = 1_500;
const ANSWER_WITHIN = 3_000;
/** Between two attempts at one server, in ms: the first, and at most so much more. */
const RECONNECT_AFTER = 250;
const RECONNECT_JITTER = 750;

type Credentials = Pick<typeof Transport, 'credsAuthenticator'>;
export type NatsModules = Pick<typeof Transport, 'connect' | 'credsAuthenticator' | 'headers' | 'nanos'> &
  Pick<typeof Jetstream, 'jetstream' | 'jetstreamManager'> &
  Pick<typeof Kv, 'Kvm'>;

/** The clients of NATS, which only clusters need. */
export function loadNats(): NatsModules {
  const { connect, credsAuthenticator, headers, nanos } = loadLate('@nats-io/transport-node', isTransport);
  const { jetstream, jetstreamManager } = loadLate('@nats-io/jetstream', isJetstream);
  const { Kvm } = loadLate('@nats-io/kv', isKv);
  return { connect, credsAuthenticator, headers, nanos, jetstream, jetstreamManager, Kvm };
}

function isTransport(loaded: unknown): loaded is typeof Transport {
  return isRecord(loaded) && typeof loaded.connect === 'function' && typeof loaded.headers === 'function';
}

function isJetstream(loaded: unknown): loaded is typeof Jetstream {
  return isRecord(loaded) && typeof loaded.jetstreamManager === 'function';
}

function isKv(loaded: unknown): loaded is typeof Kv {
  return isRecord(loaded) && typeof loaded.Kvm === 'function';
}

/** The hosts of servers, as errors name them. @throws TypeError if an address is invalid */
export function hostsOf(servers: readonly string[]): string {
  return servers.map((server) => addressOf(server).host).join(', ');
}

/** Of `nats://nats-1:4222`, `tls://…` or an address without a scheme. */
function addressOf(server: string): URL {
  const url = new URL(server.includes('://') ? server : `nats://${server}`);
  if (url.host === '') throw new TypeError('not the address of a server');
  return url;
}

/**
 * The options for `connect`. The client reopens a lost connection without limit: without `ignoreAuthErrorAbort` the
 * second refused login would close it.
 * @throws Error with the system's code if the creds file cannot be read; TypeError if an address is invalid
 */
export function natsOptions({ servers, login, tls }: ClusterSettings, nats: Credentials): NodeConnectionOptions {
  const addresses = servers.map(addressOf);
  const wantsTls = tls !== undefined || addresses.some(({ protocol }) => protocol === 'tls:');
  return {
    name: 'node-red-chatapp',
    // The client takes the first colon for that of the port: a password must not stand before it.
    servers: addresses.map(({ host }) => host),
    ...loginOptions(login ?? loginIn(addresses), nats),
    ...(wantsTls && { tls: tlsOptions(tls, addresses) }),
    timeout: ANSWER_WITHIN,
    pingInterval: PING_EVERY,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_AFTER,
    reconnectJitter: RECONNECT_JITTER,
    reconnectJitterTLS: RECONNECT_JITTER,
    ignoreAuthErrorAbort: true,
  };
}

function loginIn(addresses: readonly URL[]): ClusterLogin | undefined {
  const named = addresses.find(({ username }) => username !== '');
  if (!named) return undefined;
  const [user, password] = [named.username, named.password].map(decodeURIComponent);
  if (user === undefined) return undefined;
  return password ? { kind: 'user', user, password } : { kind: 'token', token: user };
}

function loginOptions(login: ClusterLogin | undefined, nats: Credentials): NodeConnectionOptions {
  if (login?.kind === 'user') return { user: login.user, pass: login.password };
  if (login?.kind === 'token') return { token: login.token };
  return login ? { authenticator: fileLogin(login.file, nats) } : {};
}

/**
 * The file is read at each login: it may have been renewed. If it cannot be read any more, the last one is used: an
 * authenticator that throws would close the connection permanently.
 */
function fileLogin(file: string, nats: Credentials): Authenticator {
  let last = nats.credsAuthenticator(readFileSync(file));
  return (nonce) => {
    try {
      const renewed = nats.credsAuthenticator(readFileSync(file));
      const answer = renewed(nonce);
      last = renewed;
      return answer;
    } catch {
      return last(nonce);
    }
  };
}

/** The client passes all of this on to Node.js, also what its types do not name. */
function tlsOptions({ ca, cert, key, ...more }: TlsSettings = {}, addresses: readonly URL[]): TlsOptions {
  const options = {
    ...(more.servername === undefined && { checkServerIdentity: identityOf(addresses) }),
    ...more,
    ...(ca !== undefined && { ca: String(ca) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
  };
  return options;
}

/** If an address is an IP, the client names no host: the certificate has to be for one of the configured ones. */
function identityOf(addresses: readonly URL[]): typeof checkServerIdentity {
  const hosts = addresses.map(({ hostname }) => hostname.replace(/[[\]]/g, ''));
  return (name, certificate) => {
    const errors = [name, ...hosts].map((host) => checkServerIdentity(host, certificate));
    return errors.includes(undefined) ? undefined : errors[0];
  };
}
