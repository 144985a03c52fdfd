/** What may be unsafe about a connection: the keys under `warning` where the words for it stand. */
export const WARNINGS = ['plainApi', 'plainSocket', 'plainWebhook', 'natsOpen', 'plainNats', 'noAdminAuth'] as const;

export interface SafetyWarning {
  readonly key: (typeof WARNINGS)[number];
  /** Present where a host is meant. */
  readonly host?: string;
}

export interface Exposure {
  readonly apiUrl?: string | undefined;
  readonly socketUrl?: string | undefined;
  /** The public address for webhooks; absent if none are used. */
  readonly webhookUrl?: string | undefined;
  /** Whether NATS servers are given, and a login for them. */
  readonly hasNats: boolean;
  readonly hasNatsLogin: boolean;
  /** The NATS servers to which a password or a token is sent, as `nats://nats-1:4222`, if no TLS is chosen for them. */
  readonly plainServers?: readonly string[];
  /** False if everybody who reaches the editor may change flows. */
  readonly hasAdminAuth: boolean;
}

/** What is unsafe, in the order in which it is shown. Addresses on this machine may go without encryption. */
export function warningsOf(exposure: Exposure): SafetyWarning[] {
  const { apiUrl, socketUrl, webhookUrl, hasNats, hasNatsLogin, plainServers = [], hasAdminAuth } = exposure;
  // With TLS for one of them, the client wants it of all.
  const servers = plainServers.some((server) => server.startsWith('tls:')) ? [] : plainServers;
  return [
    ...hostWarning('plainApi', [apiUrl]),
    ...hostWarning('plainSocket', [socketUrl]),
    ...hostWarning('plainWebhook', [webhookUrl]),
    ...(hasNats && !hasNatsLogin ? [{ key: 'natsOpen' } as const] : []),
    ...hostWarning(
      'plainNats',
      servers.map((server) => server.replace(/^nats:/, 'http:')),
    ),
    ...(hasAdminAuth ? [] : [{ key: 'noAdminAuth' } as const]),
  ];
}

/** A warning that names the first of these addresses which goes without TLS to another machine; none if all are safe. */
function hostWarning(key: SafetyWarning['key'], urls: readonly (string | undefined)[]): SafetyWarning[] {
  const [host] = urls.flatMap((url) => plainHost(url) ?? []);
  return host === undefined ? [] : [{ key, host }];
}

/** The host of an address without TLS that is not this machine. */
function plainHost(url = ''): string | undefined {
  try {
    const { protocol, hostname, host } = new URL(url);
    return !/^(?:http|ws):$/.test(protocol) || LOOPBACK.test(hostname) ? undefined : host;
  } catch {
    return undefined;
  }
}

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;
