import type { Node } from 'node-red';
import type { Connection } from '../../src/connection';
import { detail } from '../../src/error-details';
import { ChatAppError } from '../../src/errors';
import type { Delivery } from '../../src/inbox/delivery';
import type { Listener, Stop } from '../../src/inbox/listener';
import type { Naming } from './message';

/** What a listener node gives; `ignoreOwn` becomes the app to ignore, which the connection knows. */
export type NodeListener = Omit<Listener, 'ignoreApp'> & { readonly ignoreOwn: boolean };

/** A `chatapp-connection` node as the other nodes see it. */
export interface ConnectionNode extends Node {
  /**
   * Listens on behalf of `node`, until the result is called; undefined if the settings do not do. Errors come to `node`
   * through `onError`, or to the Catch nodes of its tab: each incident once a tab, however many listeners it has.
   */
  listen(node: Node, listener: NodeListener): Stop | undefined;
  /** Sends, as the connection does; rejects with `CONFIG_INVALID` where the settings of this node do not do. */
  sendOrder: Connection['send'];
  /** Asks any method of ChatApp; throws `CONFIG_INVALID` where the settings of this node do not do. */
  api(): Connection['api'];
  /** Settles a try of a listener, as the connection does. */
  acknowledge: Connection['acknowledge'];
  /** What the account and the editor call the place from which a delivery comes, as far as that is known by now. */
  namingOf(delivery: Delivery): Naming;
  /** Whether its settings do; `unreported` are the problems that were not reported on the tab of `node` yet. */
  check(node: Node): { readonly isUsable: boolean; readonly unreported: readonly ChatAppError[] };
}

/** True for a node that is a connection: a hand-edited flow may name any node as one. */
export function isConnectionNode(node: unknown): node is ConnectionNode {
  return typeof node === 'object' && node !== null && 'listen' in node && typeof node.listen === 'function';
}

/** The error of a node whose connection does not exist. */
export function connectionMissing(): ChatAppError {
  const params = { field: 'connection', ...detail('wanted', 'noConnection') };
  return ChatAppError.of('CONFIG_INVALID', 'malformed', params);
}

/** The nodes that use a connection, and what was reported on which of their tabs. */
export class Users {
  readonly #nodes = new Set<Node>();
  readonly #reported = new WeakMap<ChatAppError, Set<string>>();

  /** Adds a node, which stays one of them during a deploy that does not close it. */
  add(node: Node): void {
    if (this.#nodes.has(node)) return;
    this.#nodes.add(node);
    node.on('close', () => this.remove(node));
  }

  remove(node: Node): void {
    this.#nodes.delete(node);
  }

  /**
   * One node for each tab, by id: Node-RED hands a config node's error to the Catch nodes around each of them.
   */
  onePerTab(): Record<string, Node> {
    const tabs = new Map([...this.#nodes].map((node) => [node.z, node]));
    return Object.fromEntries([...tabs.values()].map((node) => [node.id, node]));
  }

  /** True the first time that this very error comes up on the node's tab. */
  isUnreported(error: ChatAppError, node: Node): boolean {
    const tabs = this.#reported.get(error) ?? new Set();
    this.#reported.set(error, tabs);
    if (tabs.has(node.z)) return false;
    tabs.add(node.z);
    return true;
  }
}
