import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { fileStore, type NetworkSettings, type Store } from '../../src';
import type { ConnectionSettings } from './settings';

/** What it takes to reach ChatApp as one account: of a connection as it is deployed, or of a draft. */
export interface ConnectionSource extends Pick<ConnectionSettings, 'options' | 'problems'> {
  readonly network: NetworkSettings;
}

/** The sources of the connections that are deployed, by their nodes. */
export class DeployedSources {
  readonly #sources = new WeakMap<object, ConnectionSource>();

  constructor(private readonly RED: { readonly nodes: Pick<NodeAPI['nodes'], 'getNode'> }) {}

  add(node: Node, source: ConnectionSource): void {
    this.#sources.set(node, source);
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

/** Where connections keep what must be remembered; `undefined` where Node-RED has no user directory. */
export function storeOf({ settings: { userDir } }: Pick<NodeAPI, 'settings'>): Store | undefined {
  return userDir ? fileStore(join(userDir, 'chatapp')) : undefined;
}
