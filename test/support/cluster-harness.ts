import { startSimulator, type Simulator } from '../../simulator';
import { createConnection, type Connection, type ConnectionOptions } from '../../src/connection';
import type { Delivery } from '../../src/inbox/delivery';
import type { Listener } from '../../src/inbox/listener';
import type { Status } from '../../src/status';
import { Changes } from './changes';
import { ACCOUNT } from './connection-harness';
import { nameOf } from './errors';
import { startNats, type Nats } from './nats';

export const LINE = { licenseId: '50718', messengerType: 'grWhatsApp' } as const;

type Settings = Partial<Omit<ConnectionOptions, 'onError'>>;

/** Several Node-REDs with the same connection on one account, in one process, with a NATS and a ChatApp of the test's own. */
export class ClusterHarness {
  readonly changes = new Changes();
  readonly instances: TestInstance[] = [];
  #clusters = 0;

  private constructor(
    readonly nats: Nats,
    public simulator: Simulator,
  ) {}

  /** Undefined if there is no nats-server. */
  static async start(): Promise<ClusterHarness | undefined> {
    const nats = await startNats();
    return nats && new ClusterHarness(nats, await startSimulator({ account: ACCOUNT }));
  }

  /** Starts one more instance, whose listener wants messages by default. */
  add(listener: Partial<Listener> = {}, settings: Settings = {}): TestInstance {
    return this.#add(listener, { cluster: { servers: this.nats.servers }, ...settings });
  }

  /** Starts a Node-RED with the same connection that does not use NATS. */
  addSingle(listener: Partial<Listener> = {}, settings: Settings = {}): TestInstance {
    return this.#add(listener, settings);
  }

  #add(listener: Partial<Listener>, settings: Settings): TestInstance {
    const instance = new TestInstance(this, listener, { id: `connection-${this.#clusters}`, ...settings });
    this.instances.push(instance);
    return instance;
  }

  /** The ids of the messages that all instances have got together. */
  get delivered(): string[] {
    return this.instances.flatMap(({ messages }) => messages);
  }

  get leader(): TestInstance | undefined {
    return this.instances.find(({ status }) => status?.kind === 'leading');
  }

  /** Somebody writes `count` messages into five chats, or into as many as there are to be. Returns their ids. */
  write(count: number, chats = 5): string[] {
    return Array.from(
      { length: count },
      (_, index) => this.simulator.message({ ...LINE, chat: `chat-${index % chats}@c.us`, text: `text ${index}` }).id,
    );
  }

  /** Resolves when one instance leads and the others are standby. */
  async isReady(): Promise<void> {
    const isWorking = ({ status }: TestInstance): boolean =>
      status?.kind === 'leading' || status?.kind === 'standingBy';
    await this.until(() => this.instances.every(isWorking) && this.leader !== undefined);
  }

  until(condition: () => boolean): Promise<void> {
    return this.changes.until(condition, () =>
      this.instances.map(({ status, messages, errors, log }) => [status, messages.length, errors, log]),
    );
  }

  /** Stops all instances. */
  async stop(): Promise<void> {
    await Promise.all(this.instances.splice(0).map(({ connection }) => connection.close()));
  }

  /** Stops all instances. Those that are added from now on form another cluster, on an account where nobody has written. */
  async reset(): Promise<void> {
    await this.stop();
    this.#clusters += 1;
    await this.simulator.close();
    this.simulator = await startSimulator({ account: ACCOUNT });
  }

  async end(): Promise<void> {
    await this.reset();
    await this.simulator.close();
    await this.nats.end();
  }
}

/** One of the Node-REDs, with one listener. */
export class TestInstance {
  readonly deliveries: Delivery[] = [];
  readonly errors: string[] = [];
  readonly log: string[] = [];
  readonly connection: Connection;
  status: Status | undefined;

  constructor(
    private readonly harness: ClusterHarness,
    listener: Partial<Listener>,
    settings: Settings,
  ) {
    const { simulator, changes } = harness;
    const { email, password, appId } = simulator.account;
    const write = (line: string): void => {
      this.log.push(line);
      changes.happened();
    };
    this.connection = createConnection({
      credentials: { kind: 'account', email, password, appId },
      apiUrl: simulator.url,
      socketUrl: simulator.socketUrl,
      log: { debug: write, info: write, warn: write },
      onError: (error) => {
        this.errors.push(nameOf(error));
        changes.happened();
      },
      ...settings,
    });
    this.listen(listener);
  }

  listen(listener: Partial<Listener> = {}): ReturnType<Connection['listen']> {
    const { changes } = this.harness;
    return this.connection.listen({
      id: 'all-messages',
      channel: { type: 'messenger', ...LINE },
      events: ['message'],
      direction: 'any',
      onItem: (delivery) => {
        this.deliveries.push(delivery);
        changes.happened();
      },
      onStatus: (status) => {
        this.status = status;
        changes.happened();
      },
      onError: (error) => {
        this.errors.push(nameOf(error));
        changes.happened();
      },
      ...listener,
    });
  }

  get messages(): string[] {
    return this.deliveries.map(({ messageId = '' }) => messageId);
  }
}
