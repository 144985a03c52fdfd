import type { ChatAppError } from '../../src/errors';
import type { SocketHandlers } from '../../src/socket/socket';
import { SocketSupervisor, type SupervisorState } from '../../src/socket/supervisor';
import { FakeClock } from './fake-clock';
import { FakeSocket } from './fake-socket';

/** A supervisor whose sockets do what the test says; `outcome` says what each new one does as soon as it is made. */
export class SupervisorHarness {
  readonly clock = new FakeClock();
  readonly begin = this.clock.now();
  /** When each socket was opened, in ms from the begin. */
  readonly opened: number[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly handlers: SocketHandlers[] = [];
  /** The times of the answered pings. */
  readonly alive: number[] = [];
  readonly states: SupervisorState[] = [];
  readonly errors: ChatAppError[] = [];
  readonly log: string[] = [];
  readonly supervisor: SocketSupervisor;

  constructor(
    random: () => number = () => 0.5,
    private readonly outcome?: (handlers: SocketHandlers) => void,
  ) {
    const write = (line: string): void => void this.log.push(line);
    this.supervisor = new SocketSupervisor({
      open: (handlers) => this.#open(handlers),
      host: 'socket.example.test',
      clock: this.clock,
      random,
      log: { debug: write, info: write, warn: write },
      onState: (state) => this.states.push(state),
      onError: (error) => this.errors.push(error),
      receiver: {
        onSubscribed: () => undefined,
        onRefused: () => undefined,
        isWanted: () => true,
        onEvent: () => undefined,
        onAlive: (pingedAt) => this.alive.push(pingedAt),
      },
    });
  }

  get kinds(): string[] {
    return this.states.map(({ kind }) => kind);
  }

  /** What the last socket tells. */
  get last(): SocketHandlers {
    const handlers = this.handlers.at(-1);
    if (!handlers) throw new Error('no socket was opened');
    return handlers;
  }

  #open(handlers: SocketHandlers): FakeSocket {
    const socket = new FakeSocket(`${this.sockets.length + 1}.1`);
    this.sockets.push(socket);
    this.handlers.push(handlers);
    this.opened.push(this.clock.now() - this.begin);
    if (this.outcome) queueMicrotask(() => this.outcome?.(handlers));
    return socket;
  }
}
