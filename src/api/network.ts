import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent, fetch as undiciFetch, ProxyAgent, type Dispatcher } from 'undici';
import type { Agent as HttpAgent } from 'node:http';

/** The TLS settings that can be chosen for a connection; PEM texts. */
export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface NetworkSettings {
  readonly tls?: TlsSettings;
  /** The URL of the proxy for a URL; empty or absent for none. */
  readonly proxyFor?: (url: string) => string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** How bytes leave this machine: one place for proxy and TLS, for the REST API and the socket alike. */
export interface Network {
  fetch(url: string, request: HttpRequest): Promise<HttpAnswer>;
  /** What `ws` needs to open `url`: TLS settings, and an agent where there is a proxy. */
  socketOptions(url: string): TlsSettings & { readonly agent?: HttpAgent };
  /** Ends idle and running requests. */
  close(): Promise<void>;
}

export function createNetwork({ tls = {}, proxyFor }: NetworkSettings = {}): Network {
  const dispatchers = new Map<string, Dispatcher>();

  /** One dispatcher for each proxy, and one for no proxy: each keeps its connections alive between requests. */
  function dispatcherFor(url: string): Dispatcher {
    const proxy = proxyFor?.(url) ?? '';
    const known = dispatchers.get(proxy);
    if (known) return known;
    const made = proxy ? new ProxyAgent({ uri: proxy, requestTls: tls }) : new Agent({ connect: { ...tls } });
    dispatchers.set(proxy, made);
    return made;
  }

  return {
    fetch: (url, request) => undiciFetch(url, { ...request, redirect: 'error', dispatcher: dispatcherFor(url) }),
    socketOptions(url) {
      const proxy = proxyFor?.(url);
      return proxy ? { ...tls, agent: new HttpsProxyAgent(proxy) } : tls;
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}
