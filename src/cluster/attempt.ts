import type { Msg } from 'nats';
import type { ReadyEngine } from './engine';

/** One try of this copy to get an item handled. */
export class Attempt {
  /** The item's number in the stream. */
  readonly item: number;
  /** When the item was published, by the clock of NATS, in ns since the epoch. */
  readonly time: number;
  /** The how manieth try of any copy it is, from 1. */
  readonly number: number;

  private constructor(
    readonly message: Msg,
    private readonly address: string,
  ) {
    // `$JS.ACK.<stream>.<consumer>.<number>.<item>.<delivery>.<time>.…`; some have domain and account after `ACK`.
    const parts = address.split('.');
    const at = parts.length > 9 ? 6 : 4;
    this.number = Number(parts[at]);
    this.item = Number(parts[at + 1]);
    this.time = Number(parts[at + 3]);
  }

  /** Undefined for what no consumer has sent. */
  static of(message: Msg): Attempt | undefined {
    return message.reply?.startsWith('$JS.ACK.') ? new Attempt(message, message.reply) : undefined;
  }

  /** It is still being worked on: nobody else is to get the item. */
  keep(engine: ReadyEngine): void {
    this.#say(engine, '+WPI');
  }

  /**
   * It has failed: another one is due in `delay` ms. Said once, since a later one may have begun when it is repeated;
   * where it gets lost, the item is given to somebody else as that of a copy that died.
   */
  fail(engine: ReadyEngine, delay = 0): void {
    const when = delay > 0 ? ` ${JSON.stringify({ delay: delay * 1e6 })}` : '';
    this.#say(engine, `-NAK${when}`);
  }

  /**
   * The item needs no other one: it is handled (`+ACK`) or given up (`+TERM`). May be said again, in case it got lost.
   */
  end(engine: ReadyEngine, answer: '+ACK' | '+TERM'): void {
    this.#say(engine, answer);
  }

  #say({ connection }: ReadyEngine, answer: string): void {
    if (!connection.isClosed()) connection.publish(this.address, answer);
  }
}
