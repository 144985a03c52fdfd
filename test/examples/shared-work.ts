import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isRecord } from '../../src/events/json';
import { ExampleStage, type ExampleSettings, type RunningExample } from '../support/example-stage';
import { findBroker, type Broker } from '../support/mqtt';
import { ALL_NODES, startNodeRedChild, type FlowNode, type NodeRedChild } from '../support/node-red-child';
import { TcpProxy } from '../support/tcp-proxy';

const SENDER = 'send what is due';
const SHOWN = 'done here';
/** The node that shows errors, in both examples. */
export const ERRORS = 'read the text and act';

/** A worker's flow, as its Node-RED shows it. */
export interface Worker {
  /** What it has done. */
  shown(): unknown[];
  errors(): unknown[];
  /** How many it has begun. */
  count(): number;
}

/** A Node-RED with a broker to which it sends events, and two Node-REDs to work on them. */
export class SharedWork {
  /** How the topics of this test begin: others may use the broker as well. */
  root = '';

  private constructor(
    readonly stage: ExampleStage,
    readonly workers: readonly [NodeRedChild, NodeRedChild],
    readonly broker: Broker,
    /** The publisher's way to the broker. */
    readonly proxy: TcpProxy,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<SharedWork> {
    const ends: (() => Promise<unknown>)[] = [];
    const close = async (): Promise<void> => {
      for (const end of ends) await end();
    };
    try {
      const broker = await findBroker();
      ends.unshift(() => broker.end());
      const proxy = await TcpProxy.start(broker.port, broker.host);
      ends.unshift(() => proxy.down());
      const stage = await ExampleStage.start();
      ends.unshift(() => stage.close());
      const one = await startNodeRedChild(undefined, {}, ALL_NODES);
      ends.unshift(() => one.stop());
      const other = await startNodeRedChild(undefined, {}, ALL_NODES);
      ends.unshift(() => other.stop());
      return new SharedWork(stage, [one, other], broker, proxy, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** From now on events go to topics that nobody has used. */
  useNewTopics(): void {
    this.root = `chatapp-test-${randomBytes(6).toString('hex')}`;
  }

  async clear(): Promise<void> {
    await Promise.all([this.stage.deploy([]), ...this.workers.map((worker) => worker.deploy([]))]);
  }

  /** Runs the publisher's flow; resolves once it listens and has its broker. */
  async share(variables: ExampleSettings['variables'] = {}): Promise<RunningExample> {
    const url = `mqtt://127.0.0.1:${this.proxy.port}`;
    const own = { TOPIC: this.root, DONE_TOPIC: `${this.root}-done`, MQTT_URL: url, RESEND_SECONDS: 2 };
    const nodes = await this.stage.imported('mqtt/share-the-work', { variables: { ...own, ...variables } });
    const flow = await this.stage.deploy(nodes.map((node) => this.#asBrokerCan(node)));
    await flow.untilListening();
    await this.stage.nodeRed.until('the broker', () => flow.statuses('to the workers').at(-1)?.fill === 'green');
    return flow;
  }

  /** Runs the worker's flow in a Node-RED of its own, each node as `changed` makes it; resolves once it is subscribed. */
  async work(
    nodeRed: NodeRedChild,
    variables: ExampleSettings['variables'] = {},
    changed: (node: FlowNode) => FlowNode = (node) => node,
  ): Promise<Worker> {
    const url = `mqtt://${this.broker.host}:${this.broker.port}`;
    const own = { DONE_TOPIC: `${this.root}-done`, MQTT_URL: url };
    const SUBSCRIPTION = this.#asBrokerKnows(variables.SUBSCRIPTION ?? `$share/workers/${this.root}/#`);
    const nodes = await this.stage.imported('mqtt/worker', { variables: { ...own, ...variables, SUBSCRIPTION } });
    const idOf = (name: string): string => nodes.find((node) => node.name === name)?.id ?? assert.fail(name);
    const before = nodeRed.debugged.length;
    await nodeRed.deploy(nodes.map((node) => changed(this.#asBrokerCan(node))));
    await nodeRed.until('the broker', () => nodeRed.statuses(idOf('my share')).at(-1)?.fill === 'green');
    const shownBy = (name: string): unknown[] =>
      nodeRed.debugged.slice(before).flatMap(({ id, shown }) => (id === idOf(name) ? [shown] : []));
    return {
      shown: () => shownBy(SHOWN),
      errors: () => shownBy(ERRORS),
      count: () => {
        const text = nodeRed.statuses(idOf('your work here')).at(-1)?.text;
        return typeof text === 'string' ? Number.parseInt(text, 10) : 0;
      },
    };
  }

  /** Resolves once `holds`, and nothing waits any more. */
  settled(flow: RunningExample, holds: () => boolean): Promise<void> {
    return this.inAnyOf('nothing that waits', () => lastStatus(flow) === '0 waiting' && holds());
  }

  /** Resolves once `holds`, whichever Node-RED has the last word. */
  inAnyOf(what: string, holds: () => boolean): Promise<void> {
    return Promise.any([this.stage.nodeRed, ...this.workers].map((nodeRed) => nodeRed.until(what, holds)));
  }

  #asBrokerCan(node: FlowNode): FlowNode {
    return node.type === 'mqtt-broker' ? { ...node, protocolVersion: this.broker.protocolVersion } : node;
  }

  /** Where the broker knows no shares, the only worker of a topic gets all of it by the topic alone. */
  #asBrokerKnows(subscription: string | number): string {
    return String(subscription).replace(this.broker.shares ? '' : /^\$share\/[^/]+\//, '');
  }
}

/** Lets the flow look for what is due, again and again, until `holds`: an answer to each look takes a moment. */
export async function pressUntil(flow: RunningExample, holds: () => boolean): Promise<void> {
  const until = Date.now() + 10_000;
  while (!holds()) {
    assert.ok(Date.now() < until, `It did not come to that within 10 s; last: ${lastStatus(flow)}`);
    await flow.press('every 5 seconds');
  }
}

/** The ids of the messages that a worker has done, in its order. */
export function doneBy(worker: Worker): string[] {
  return worker.shown().map((msg) => (isRecord(msg) && isRecord(msg.payload) ? String(msg.payload.id) : ''));
}

/** All statuses of the node that sends, oldest first, as texts. */
export function statusesOf(flow: RunningExample): string[] {
  return flow.statuses(SENDER).map(({ text }) => String(text));
}

/** What the publisher's flow says of what waits. */
export function lastStatus(flow: RunningExample): string {
  return String(statusesOf(flow).at(-1));
}
