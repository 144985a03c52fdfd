import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { openStore, type NetworkSettings, type OpenStore } from '../../src';
import { runInBackground, silentLog } from '../../src/log';
import { warningsOf, type SafetyWarning } from '../shared/warnings';
import type { ConnectionSettings } from './settings';

/** What it takes to reach ChatApp as one account: of a connection as it is deployed, or of a draft. */
export interface ConnectionSource extends Pick<ConnectionSettings, 'options' | 'problems'> {
  readonly network: NetworkSettings;
}

/** The sources of the connections that are deployed, by their nodes. */
export class DeployedSources {
  readonly #sources = new WeakMap<object, ConnectionSource>();

  constructor(private readonly RED: { readonly nodes: Pick<NodeAPI['nodes'], 'getNode' | 'eachNode'> }) {}

  add(node: Node, source: ConnectionSource): void {
    this.#sources.set(node, source);
  }

  /** All that are deployed. */
  get all(): { readonly node: Node; readonly source: ConnectionSource }[] {
    const ids: string[] = [];
    this.RED.nodes.eachNode(({ type, id }) => {
      if (type === 'chatapp-connection') ids.push(id);
    });
    return ids.flatMap((id) => this.find(id) ?? []);
  }

  /** The connection with this id, as it is deployed; `undefined` where there is none, or the id is another node's. */
  find(id: string): { readonly node: Node; readonly source: ConnectionSource } | undefined {
    const node = this.RED.nodes.getNode(id);
    // The types do not say so, but there may be no such node.
    const source = typeof node === 'object' ? this.#sources.get(node) : undefined;
    return source && { node, source };
  }
}

/** A name for a source: the same for two only where all their settings are. It tells none of them. */
export function fingerprintOf({ options, network }: Pick<ConnectionSource, 'options' | 'network'>): string {
  return createHash('sha256')
    .update(JSON.stringify([options, network.tls]))
    .digest('hex');
}

/** What is not safe about a connection with these settings in this Node-RED. */
export function safetyWarnings(
  { settings }: Pick<NodeAPI, 'settings'>,
  options: ConnectionSource['options'],
): SafetyWarning[] {
  const { apiUrl, socketUrl, callbackUrl: webhookUrl, cluster } = options;
  const hasPassword = cluster?.login !== undefined && cluster.login.kind !== 'creds' && cluster.tls === undefined;
  const hasEditor = settings.httpAdminRoot !== false;
  const hasAdminAuth = 'adminAuth' in settings && Boolean(settings.adminAuth);
  return warningsOf({
    apiUrl,
    socketUrl,
    webhookUrl,
    plainServers: hasPassword ? cluster.servers : [],
    hasNats: cluster !== undefined,
    hasNatsLogin: cluster?.login !== undefined,
    hasAdminAuth: hasAdminAuth || !hasEditor,
  });
}

const stores = new Map<string, OpenStore>();

/** Where connections keep what must be remembered; `undefined` where Node-RED has no user directory. */
export function storeOf({ settings: { userDir } }: Pick<NodeAPI, 'settings'>): OpenStore | undefined {
  if (!userDir) return undefined;
  // One for the process: opening it again takes it from the one that has it.
  const known = stores.get(userDir);
  if (known) return known;
  const folder = join(userDir, 'chatapp');
  const store = openStore(folder);
  stores.set(userDir, store);
  // What deleted connections have left there is removed, though no connection uses it any more.
  if (existsSync(folder)) runInBackground(store.open(), silentLog, 'Opening the store');
  return store;
}
