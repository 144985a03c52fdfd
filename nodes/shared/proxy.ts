/** `proxyOptions` of Node-RED's settings; what it does not say follows the same defaults as Node-RED's own nodes. */
export interface ProxyOptions {
  readonly mode?: 'strict' | 'legacy';
  readonly favourUpperCase?: boolean;
  readonly lowerCaseOnly?: boolean;
  readonly excludeNpm?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A socket goes the way of the requests with the same security, unless it has a proxy of its own. */
const SCHEMES: Readonly<Record<string, { readonly names: readonly string[]; readonly port: string }>> = {
  'http:': { names: ['http'], port: '80' },
  'https:': { names: ['https'], port: '443' },
  'ws:': { names: ['ws', 'http'], port: '80' },
  'wss:': { names: ['wss', 'https'], port: '443' },
};

/** The proxy for a URL by the rules of Node-RED's own network nodes; `undefined` for none. */
export function proxyFor(url: string, options: ProxyOptions, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const scheme = SCHEMES[protocol];
  if (!scheme) return undefined;
  const read = reader(options, env);

  if (options.mode === 'legacy') {
    const exempt = read(['no_proxy']).split(',');
    return exempt.some((part) => part.trim() !== '' && url.includes(part.trim())) ? undefined : read(['http_proxy']);
  }
  if (isExempt(hostname, port || scheme.port, read(['npm_config_no_proxy', 'no_proxy']))) return undefined;
  const own = scheme.names.flatMap((name) => [`npm_config_${name}_proxy`, `${name}_proxy`]);
  const proxy = read([...own, 'npm_config_proxy', 'all_proxy']);
  if (proxy === '') return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** The first of these variables that is set. */
function reader({ favourUpperCase, lowerCaseOnly, excludeNpm }: ProxyOptions, env: Environment) {
  return (names: readonly string[]): string => {
    for (const name of names) {
      if (excludeNpm && name.startsWith('npm_config_')) continue;
      const cases = favourUpperCase ? [name.toUpperCase(), name] : [name, name.toUpperCase()];
      const value = (lowerCaseOnly ? [name] : cases).map((key) => env[key]).find(Boolean);
      if (value !== undefined) return value;
    }
    return '';
  };
}

/** `no_proxy` lists host names, with a port or not; a leading dot or asterisk stands for any beginning. */
function isExempt(hostname: string, port: string, noProxy: string): boolean {
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => {
      const [, host = '', onlyPort] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      if (host === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
      return /^[.*]/.test(host) ? hostname.endsWith(host.replace(/^\*/, '')) : hostname === host;
    });
}
