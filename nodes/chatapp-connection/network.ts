import type { NodeAPI, NodeDef } from 'node-red';
import type { NetworkSettings, TlsSettings } from '../../src';
import { isRecord } from '../../src/events/json';
import { proxyFor, type ProxyOptions } from '../shared/proxy';

/** A core `tls-config` node, as far as we use it. */
interface TlsNode {
  addTLSOptions(options: TlsSettings): void;
}

/** Proxy by Node-RED's settings and TLS by the chosen `tls-config` node: for requests and socket alike. */
export function networkOf(RED: NodeAPI, saved: NodeDef): NetworkSettings {
  const tlsNode: unknown = 'tls' in saved && typeof saved.tls === 'string' ? RED.nodes.getNode(saved.tls) : undefined;
  const tls: TlsSettings = {};
  if (isTlsNode(tlsNode)) tlsNode.addTLSOptions(tls);
  const options = proxyOptions(RED.settings);
  return { tls, proxyFor: (url) => proxyFor(url, options, process.env) };
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
