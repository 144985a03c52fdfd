import type { Network } from '../../src/api/network';
import type { Clock } from '../../src/clock';
import type { SocketEnd } from '../../src/socket/end';
import { ChatAppSocket, type SocketHandlers, type SocketReceiver, type SocketSettings } from '../../src/socket/socket';
import { Changes } from './changes';
import { scaledClock } from './scaled-clock';

const NO_NETWORK: Pick<Network, 'socketOptions'> = { socketOptions: () => ({}) };

/** Opens a socket and writes down what it tells. */
export class SocketSpy implements SocketHandlers, SocketReceiver {
  readonly receiver = this;
  readonly subscribed: string[] = [];
  readonly refused: string[] = [];
  readonly events: [channel: string, event: string, data: unknown][] = [];
  /** The times of the answered pings, in ms of the monotonic clock. */
  readonly alive: number[] = [];
  readonly ends: SocketEnd[] = [];
  readonly log: string[] = [];
  established = 0;
  readonly socket: ChatAppSocket;
  readonly #changes = new Changes();

  constructor(settings: Partial<SocketSettings> & { readonly socketUrl: string; readonly clock?: Clock }) {
    const write = (line: string): void => void this.log.push(line);
    const log = { debug: write, info: write, warn: write };
    const defaults = { appKey: 'ChatsAppApiProdKey', network: NO_NETWORK, clock: scaledClock(), log };
    this.socket = new ChatAppSocket({ ...defaults, ...settings }, this);
  }

  onEstablished(): void {
    this.established += 1;
    this.#changes.happened();
  }

  onSubscribed(channel: string): void {
    this.subscribed.push(channel);
    this.#changes.happened();
  }

  onRefused(channel: string): void {
    this.refused.push(channel);
    this.#changes.happened();
  }

  isWanted(): boolean {
    return true;
  }

  onEvent(channel: string, event: string, data: unknown): void {
    this.events.push([channel, event, data]);
    this.#changes.happened();
  }

  onAlive(pingedAt: number): void {
    this.alive.push(pingedAt);
    this.#changes.happened();
  }

  onEnd(end: SocketEnd): void {
    this.ends.push(end);
    this.#changes.happened();
  }

  /** Resolves once `holds`. */
  until(holds: (stub: this) => boolean): Promise<void> {
    return this.#changes.until(
      () => holds(this),
      () => [this.established, this.subscribed, this.refused, this.ends, this.events.length],
    );
  }

  /** Resolves once there is a socket. */
  open(): Promise<void> {
    return this.until(({ established }) => established > 0);
  }

  /** Resolves with the end of the socket. */
  async end(): Promise<SocketEnd> {
    await this.until(({ ends }) => ends.length > 0);
    const [end] = this.ends;
    if (!end) throw new Error('there is no end');
    return end;
  }
}
