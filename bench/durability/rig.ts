import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { linkPackage } from '../../scripts/demo/node-red';
import { flowOf, type ListenerSpec } from '../../test/scenarios/harness/flow';
import { readDelivery, type Delivery } from '../../test/scenarios/harness/delivered';
import { ChatAppServer } from '../../test/scenarios/server/chatapp';
import { startNodeRedChild, type FlowNode, type NodeRedChild } from '../../test/support/node-red-child';
import { readProbe, type Probe } from './probe';

const CONNECTION = 'connection';
/** Core nodes take time to load; none of them is needed but the one that catches errors. */
const SETTINGS = {
  nodesDir: resolve('test/scenarios/harness/collect'),
  nodesExcludes: ['10-mqtt.js', '21-httpin.js', '22-websocket.js', '31-tcpin.js', '32-udp.js', '90-exec.js'],
};

export interface DeployOptions {
  readonly type?: 'full' | 'flows' | 'nodes';
  /** Properties of the connection node. */
  readonly connection?: Readonly<Record<string, unknown>>;
  /** Further nodes. */
  readonly others?: readonly FlowNode[];
}

/** A real Node-RED with the built package, and a ChatApp server; in real time. */
export class Rig {
  /** What reached collectors, over all runs of Node-RED. */
  readonly deliveries: Delivery[] = [];
  /** What the process said of itself in this run. */
  probes: Probe[] = [];
  #linesRead = 0;

  private constructor(
    readonly folder: string,
    readonly chatapp: ChatAppServer,
    private nodeRed: NodeRedChild,
  ) {}

  static async start(): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-durability-'));
    await linkPackage(folder);
    return new Rig(folder, await ChatAppServer.start(), await startIn(folder));
  }

  get pid(): number {
    const { pid } = this.nodeRed;
    if (pid === undefined) throw new Error('Node-RED does not run.');
    return pid;
  }

  /** Bytes of what Node-RED has printed in this run. */
  get printed(): number {
    return this.nodeRed.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  }

  async deploy(
    listeners: readonly ListenerSpec[],
    { type, connection = {}, others = [] }: DeployOptions = {},
  ): Promise<void> {
    await this.nodeRed.deploy([...flowOf(this.chatapp, CONNECTION, connection, listeners), ...others], type);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { lines } = this.nodeRed;
    process.kill(this.pid, signal);
    await this.nodeRed.until('the end', () => lines.some((line) => line.startsWith('Node-RED has ended')));
    this.read();
    await this.chatapp.pusher.untilClosed();
  }

  async start(): Promise<void> {
    this.#linesRead = 0;
    this.probes = [];
    this.nodeRed = await startIn(this.folder);
    this.read();
  }

  /** Takes in what Node-RED has printed since. */
  read(): void {
    const { lines } = this.nodeRed;
    for (; this.#linesRead < lines.length; this.#linesRead += 1) {
      const line = lines[this.#linesRead] ?? '';
      const delivery = readDelivery(line);
      if (delivery) this.deliveries.push(delivery);
      const probe = readProbe(line);
      if (probe) this.probes.push(probe);
    }
  }

  /** Resolves with whether it holds within so many seconds. */
  async within(seconds: number, holds: () => boolean): Promise<boolean> {
    const end = performance.now() + seconds * 1_000;
    for (;;) {
      this.read();
      if (holds()) return true;
      if (performance.now() > end) return false;
      await delay(20);
    }
  }

  async close(): Promise<void> {
    await this.nodeRed.stop();
    await this.chatapp.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function startIn(folder: string): Promise<NodeRedChild> {
  const probe = pathToFileURL(resolve('bench/durability/in-process.mjs')).href;
  return startNodeRedChild(folder, { NODE_OPTIONS: `--import ${probe}` }, SETTINGS);
}
