import { readFileSync } from 'node:fs';
import { checkServerIdentity } from 'node:tls';
import type { Authenticator, ConnectionOptions, TlsOptions } from 'nats';
import type { TlsSettings } from '../api/network';
import type { NatsModule } from './nats';
import type { ClusterLogin, ClusterSettings } from './settings';

/** How often a server is asked for a sign of life, in ms; without two of them it is given up, after 4.5 s at most. */
const PING_EVERY = 1_500;
const ANSWER_WITHIN = 3_000;
/** Between two tries at one server, in ms: the first, and at most so much more. */
const RECONNECT_AFTER = 250;
const RECONNECT_SPREAD = 750;

/**
 * A server's address, as `nats://nats-1:4222`, `tls://…` or without a scheme.
 * @throws TypeError where it is none
 */
export function addressOf(server: string): URL {
  const url = new URL(server.includes('://') ? server : `nats://${server}`);
  if (url.host === '') throw new TypeError('not the address of a server');
  return url;
}

/** The hosts of servers, as they are named to people. Throws as `addressOf` does. */
export function hostsOf(servers: readonly string[]): string {
  return servers.map((server) => addressOf(server).host).join(', ');
}

/**
 * What nats.js is to be told. A lost connection is opened again by it, for ever and whatever the server says.
 * @throws Error with the system's code where the file with the login cannot be read
 */
export function dialOptions({ servers, login, tls }: ClusterSettings, nats: NatsModule): ConnectionOptions {
  const addresses = servers.map(addressOf);
  const wantsTls = tls !== undefined || addresses.some(({ protocol }) => protocol === 'tls:');
  return {
    name: 'node-red-chatapp',
    // nats.js takes the first colon for that of the port, so that a password must not stand before it.
    servers: addresses.map(({ host }) => host),
    ...loginOptions(login ?? loginIn(addresses), nats),
    ...(wantsTls && { tls: tlsOptions(tls, addresses) }),
    timeout: ANSWER_WITHIN,
    pingInterval: PING_EVERY,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_AFTER,
    reconnectJitter: RECONNECT_SPREAD,
    reconnectJitterTLS: RECONNECT_SPREAD,
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

function loginOptions(login: ClusterLogin | undefined, nats: NatsModule): ConnectionOptions {
  if (login?.kind === 'user') return { user: login.user, pass: login.password };
  if (login?.kind === 'token') return { token: login.token };
  return login ? { authenticator: fileLogin(login.file, nats) } : {};
}

/** The file is read at each login: it may have been renewed. One that cannot be read any more is as it was. */
function fileLogin(file: string, nats: NatsModule): Authenticator {
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

/** nats.js hands all of this to Node.js, also what its types do not name. */
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

/** Where the address is an IP, nats.js names no host: the certificate has to be for one of those that we know. */
function identityOf(addresses: readonly URL[]): typeof checkServerIdentity {
  const hosts = addresses.map(({ hostname }) => hostname.replace(/[[\]]/g, ''));
  return (name, certificate) => {
    const objections = [name, ...hosts].map((host) => checkServerIdentity(host, certificate));
    return objections.includes(undefined) ? undefined : objections[0];
  };
}
