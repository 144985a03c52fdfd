import type { Clock } from '../clock';
import type { Gaps } from './gaps';

/** Until when all that has arrived was delivered or is stored: from there on, messages are missing after a crash. */
export class ReceivedUntil {
  /** When the events arrived that a crash could still lose, in ms (monotonic), in the order of arrival. */
  readonly #unsecured = new Set<{ readonly at: number }>();

  constructor(
    private readonly gaps: Pick<Gaps, 'received'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
    /** ChatApp's time, in unix seconds. */
    private readonly serverTime: () => number,
  ) {}

  /** Events have arrived; the result is called when no crash can lose them any more. */
  hold(): () => void {
    const held = { at: this.clock.monotonic() };
    this.#unsecured.add(held);
    return () => this.#unsecured.delete(held);
  }

  /** All that ChatApp had sent until `time`, in ms (monotonic), has arrived. */
  update(time: number): void {
    const [oldest] = this.#unsecured;
    const until = Math.min(time, oldest?.at ?? time);
    this.gaps.received(this.serverTime() - (this.clock.monotonic() - until) / 1_000);
  }
}
