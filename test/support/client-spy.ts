import { systemClock, type Clock } from '../../src/clock';
import { NatsClient, type NatsClientOptions, type NatsState } from '../../src/cluster/nats-client';
import type { ClusterSettings } from '../../src/cluster/settings';
import type { ChatAppError } from '../../src/errors';

/** A client of NATS and all that it reported. */
export class ClientSpy {
  readonly states: NatsState[] = [];
  readonly errors: ChatAppError[] = [];
  readonly lines: string[] = [];
  readonly client: NatsClient;
  #onChange: () => void = () => undefined;

  constructor(settings: ClusterSettings, clock: Clock = systemClock, more: Partial<NatsClientOptions> = {}) {
    const write = (line: string): void => {
      this.lines.push(line);
      this.#onChange();
    };
    this.client = new NatsClient({
      settings,
      connectionId: 'connection',
      findAccount: () => Promise.resolve('7001'),
      credentialsName: '0123456789abcdef',
      isAppIdMissing: false,
      isLeader: () => true,
      clock,
      log: { debug: write, info: write, warn: write },
      onState: (state) => {
        this.states.push(state);
        this.#onChange();
      },
      onError: (error) => {
        this.errors.push(error);
        this.#onChange();
      },
      ...more,
    });
    this.client.start();
  }

  get kinds(): string[] {
    return this.states.map(({ kind }) => kind);
  }

  /** The errors as `CODE.reason`. */
  get codes(): string[] {
    return this.errors.map(({ code, reason }) => `${code}.${reason}`);
  }

  /** All that it reported and logged. */
  get text(): string {
    return JSON.stringify([this.lines, this.states, this.errors.map(({ message, params }) => [message, params])]);
  }

  /** Resolves once `holds` does; it is checked at each state, error and line of the log. */
  async until(holds: (spy: ClientSpy) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => (this.#onChange = resolve));
  }
}
