import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startSimulator, type Simulator } from '../../simulator';
import { startNats, type Nats } from '../../test/support/nats';
import { Instances } from './instances/instances';
import { launchClient, type Launch } from './instances/process';
import { Tally } from './tally';
import { CHANNELS, LINE, Traffic, type TrafficOptions } from './traffic';

export interface HarnessOptions extends TrafficOptions {
  readonly instances: number;
  /** How many NATS servers; each event is on all of them. 0: a client on its own. */
  readonly servers: 0 | 1 | 3;
  /** How long a flow handles an event, in ms. */
  readonly handleMs: number;
  /** @default one event at a time */
  readonly isParallel?: boolean;
  /** The clocks of the instances are wrong and step. */
  readonly hasWrongClock?: boolean;
  /** Default: our client without Node-RED. */
  readonly launch?: Launch;
  /** More lines of NATS's configuration. */
  readonly settings?: string;
}

/** In ms. */
const READY_WITHIN = 180_000;
const POLL = 20;

/** A simulator, a NATS and instances, each in processes of their own except the simulator. */
export class Harness {
  private constructor(
    readonly simulator: Simulator,
    readonly nats: Nats | undefined,
    readonly instances: Instances,
    readonly tally: Tally,
    readonly traffic: Traffic,
    /** Notes and logs of the instances. */
    readonly folder: string,
  ) {}

  /** Starts all; resolves when events come through. Rejects where there is no nats-server. */
  static async start(options: HarnessOptions): Promise<Harness> {
    const { instances: count, servers, handleMs, launch = launchClient } = options;
    const { isParallel = false, hasWrongClock = false } = options;
    const nats =
      servers === 0
        ? undefined
        : await startNats({ servers, ...(options.settings !== undefined && { settings: options.settings }) });
    if (servers > 0 && !nats) throw new Error('There is no nats-server; NATS_SERVER may name one');
    const simulator = await startSimulator({
      socketPort: 0,
      account: { licenses: [{ licenseId: LINE.licenseId, messengers: LINE.messengers }] },
    });
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-instances-'));
    const { url, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    const settings = { url, socketUrl, email, password, appId, servers: nats?.servers ?? [] };
    const tally = new Tally();
    const instances = new Instances(
      launch,
      { ...settings, handleMs, isParallel, hasWrongClock, replicas: servers === 3 ? 3 : 1 },
      folder,
      tally,
    );
    const harness = new Harness(simulator, nats, instances, tally, new Traffic(simulator, tally, options), folder);
    try {
      await Promise.all(Array.from({ length: count }, (_, instance) => instances.start(instance)));
      await harness.#ready(count);
    } catch (error) {
      await harness.close();
      throw error;
    }
    return harness;
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
    const { instances, tally, simulator } = this;
    const errors = [...instances.errors].map(([code, times]) => `${code} ${times} ×`).join(', ');
    return `${instances.running.length} instances run, ${simulator.sockets} sockets, ${tally.done} messages done, ${tally.missing} missing, errors: ${errors || 'none'}`;
  }

  /** Ends all; `keep` leaves what the instances wrote. */
  async close({ keep = false } = {}): Promise<void> {
    await this.instances.stop();
    await this.simulator.close();
    await this.nats?.end();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
  }

  /** Every instance is subscribed to the channels, and an event comes through. */
  async #ready(count: number): Promise<void> {
    const { simulator, instances, traffic } = this;
    await this.until(() => CHANNELS.every((name) => simulator.subscriptions(name) >= count), READY_WITHIN);
    let tries = 0;
    await this.until(() => {
      if (tries % 25 === 0) traffic.warm();
      tries += 1;
      return instances.warm > 0;
    }, READY_WITHIN);
  }
}
