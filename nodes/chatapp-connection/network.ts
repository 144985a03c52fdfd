import type { NodeAPI } from 'node-red';
import type { NetworkSettings, TlsSettings } from '../../src';
import { isRecord } from '../../src/events/json';
import { proxyFor, type ProxyOptions } from '../shared/proxy';

/** A core `tls-config` node, as far as we use it. */
interface TlsNode {
  addTLSOptions(options: TlsSettings): void;
}

type Runtime = Pick<NodeAPI, 'nodes' | 'settings'>;

/** Proxy by Node-RED's settings and TLS by the chosen `tls-config` node: for requests and socket alike. */
export function networkOf(RED: Runtime, saved: object): NetworkSettings {
  const tls = ('tls' in saved ? tlsOf(RED, saved.tls) : undefined) ?? {};
  const options = proxyOptions(RED.settings);
  return { tls, proxyFor: (url) => proxyFor(url, options, process.env) };
}

/** What the `tls-config` node with this id says; `undefined` where there is no such node. */
export function tlsOf(RED: Pick<NodeAPI, 'nodes'>, id: unknown): TlsSettings | undefined {
  const node = tlsNodeOf(RED, id);
  if (!node) return undefined;
  const tls: TlsSettings = {};
  node.addTLSOptions(tls);
  return tls;
}

/** False where a `tls-config` node is chosen that Node-RED does not have. `_ADD_` is how the editor says none. */
export function isTlsDeployed(RED: Pick<NodeAPI, 'nodes'>, tls: unknown): boolean {
  const isNone = tls === undefined || tls === null || tls === '' || tls === '_ADD_';
  return isNone || tlsNodeOf(RED, tls) !== undefined;
}

function tlsNodeOf(RED: Pick<NodeAPI, 'nodes'>, id: unknown): TlsNode | undefined {
  const node: unknown = typeof id === 'string' ? RED.nodes.getNode(id) : undefined;
  return isTlsNode(node) ? node : undefined;
}

function isTlsNode(node: unknown): node is TlsNode {
  return typeof node === 'object' && node !== null && 'addTLSOptions' in node;
}

function proxyOptions(settings: object): ProxyOptions {
  const options: unknown = 'proxyOptions' in settings ? settings.proxyOptions : undefined;
  if (!isRecord(options)) return {};
  return {
    mode: options.mode === 'legacy' ? 'legacy' : 'strict',
    favourUpperCase: options.favourUpperCase === true,
    lowerCaseOnly: options.lowerCaseOnly === true,
    excludeNpm: options.excludeNpm === true,
  };
}
