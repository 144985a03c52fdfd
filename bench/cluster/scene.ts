import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startSimulator, type Simulator } from '../../simulator';
import { startNats, type Nats } from '../../test/support/nats';
import { Copies } from './copies/copies';
import { launchClient, type Launch } from './copies/process';
import { Tally } from './tally';
import { CHANNELS, LINE, Traffic, type TrafficOptions } from './traffic';

export interface SceneOptions extends TrafficOptions {
  readonly copies: number;
  /** How many NATS servers; each event is on all of them. 0: a client on its own. */
  readonly servers: 0 | 1 | 3;
  /** How long a flow has a message in hand, in ms. */
  readonly handleMs: number;
  /** Default: our client without Node-RED. */
  readonly launch?: Launch;
}

/** In ms. */
const READY_WITHIN = 60_000;
const POLL = 20;

/** A stand-in for ChatApp, a NATS and copies of a flow, each in processes of their own but the stand-in. */
export class Scene {
  private constructor(
    readonly simulator: Simulator,
    readonly nats: Nats | undefined,
    readonly copies: Copies,
    readonly tally: Tally,
    readonly traffic: Traffic,
    /** Notes and logs of the copies. */
    readonly folder: string,
  ) {}

  /** Starts all; resolves when events come through. Rejects where there is no nats-server. */
  static async start(options: SceneOptions): Promise<Scene> {
    const { copies: count, servers, handleMs, launch = launchClient } = options;
    const nats = servers === 0 ? undefined : await startNats({ servers });
    if (servers > 0 && !nats) throw new Error('There is no nats-server; NATS_SERVER may name one');
    const simulator = await startSimulator({
      socketPort: 0,
      account: { licenses: [{ licenseId: LINE.licenseId, messengers: LINE.messengers }] },
    });
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-copies-'));
    const { url, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    const settings = { url, socketUrl, email, password, appId, servers: nats?.servers ?? [], handleMs };
    const tally = new Tally();
    const copies = new Copies(launch, { ...settings, replicas: servers === 3 ? 3 : 1 }, folder, tally);
    const scene = new Scene(simulator, nats, copies, tally, new Traffic(simulator, tally, options), folder);
    try {
      await Promise.all(Array.from({ length: count }, (_, copy) => copies.start(copy)));
      await scene.#ready(count);
    } catch (error) {
      await scene.close();
      throw error;
    }
    return scene;
  }

  /** Resolves once all messages are handled, or nothing was for `quiet` ms; says whether all are. */
  async settled(quiet: number): Promise<boolean> {
    const begun = Date.now();
    await this.until(() => Date.now() - Math.max(begun, this.tally.lastDone) > quiet || this.tally.missing === 0);
    // Doubles come after the first.
    await wait(1_500);
    return this.tally.missing === 0;
  }

  /** Resolves once it holds. Rejects after `ms`; default: never. */
  async until(holds: () => boolean, ms = Infinity): Promise<void> {
    for (const begun = Date.now(); !holds(); await wait(POLL)) {
      if (Date.now() - begun > ms) throw new Error(`It did not come to that within ${ms} ms: ${this.state}`);
    }
  }

  /** In words. */
  get state(): string {
    const { copies, tally, simulator } = this;
    const errors = [...copies.errors].map(([code, times]) => `${code} ${times} ×`).join(', ');
    return `${copies.running.length} copies run, ${simulator.sockets} sockets, ${tally.done} messages done, ${tally.missing} missing, errors: ${errors || 'none'}`;
  }

  /** Ends all; `keep` leaves what the copies wrote. */
  async close({ keep = false } = {}): Promise<void> {
    await this.copies.stop();
    await this.simulator.close();
    await this.nats?.end();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
  }

  /** Every copy hears the channels, and what is announced comes through. */
  async #ready(count: number): Promise<void> {
    const { simulator, copies, traffic } = this;
    await this.until(() => CHANNELS.every((name) => simulator.subscriptions(name) >= count), READY_WITHIN);
    let tries = 0;
    await this.until(() => {
      if (tries % 25 === 0) traffic.warm();
      tries += 1;
      return copies.warm > 0;
    }, READY_WITHIN);
  }
}
