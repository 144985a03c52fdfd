import type { Socket } from '../../src/socket/socket';

/** A socket that writes down what it is asked for. */
export class FakeSocket implements Socket {
  /** The channels that it was asked to join, with their signatures, and to leave. */
  readonly subscribed: [channel: string, signature: string][] = [];
  readonly unsubscribed: string[] = [];
  closed = false;
  readonly #joined = new Set<string>();

  constructor(
    readonly socketId: string,
    private readonly answer: (channel: string) => void = () => undefined,
  ) {}

  subscribe(channel: string, signature: string): void {
    this.subscribed.push([channel, signature]);
    this.#joined.add(channel);
    this.answer(channel);
  }

  unsubscribe(channel: string): void {
    this.unsubscribed.push(channel);
    this.#joined.delete(channel);
  }

  close(): void {
    this.closed = true;
  }

  /** The channels that it was asked to join, and not to leave since. */
  get channels(): string[] {
    return [...this.#joined];
  }
}
