/** What may be unsafe about a connection: the keys under `warning` where the words for it stand. */
export const WARNINGS = ['plainApi', 'plainSocket', 'natsOpen', 'noAdminAuth'] as const;

export interface SafetyWarning {
  readonly key: (typeof WARNINGS)[number];
  /** Present where a host is meant. */
  readonly host?: string;
}

export interface Exposure {
  readonly apiUrl?: string | undefined;
  readonly socketUrl?: string | undefined;
  /** Whether NATS servers are given, and a login for them. */
  readonly hasNats: boolean;
  readonly hasNatsLogin: boolean;
  /** False if everybody who reaches the editor may change flows. */
  readonly hasAdminAuth: boolean;
}

/** What is unsafe, in the order in which it is shown. Addresses on this machine may go without encryption. */
export function warningsOf({ apiUrl, socketUrl, hasNats, hasNatsLogin, hasAdminAuth }: Exposure): SafetyWarning[] {
  const [api, socket] = [plainHost(apiUrl), plainHost(socketUrl)];
  return [
    ...(api === undefined ? [] : [{ key: 'plainApi', host: api } as const]),
    ...(socket === undefined ? [] : [{ key: 'plainSocket', host: socket } as const]),
    ...(hasNats && !hasNatsLogin ? [{ key: 'natsOpen' } as const] : []),
    ...(hasAdminAuth ? [] : [{ key: 'noAdminAuth' } as const]),
  ];
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
