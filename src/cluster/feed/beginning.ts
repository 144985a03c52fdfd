import { lineNamed } from '../../api/lines';
import { pause } from '../../clock';
import { eventKeyOf } from '../../events';
import { readMissed } from './missed';
import { lineOf } from './progress';
import type { Reception } from './reception';
import type { SearchOptions } from './search';

/** A socket that has died is noticed by then, in ms: see `src/socket/liveness.ts`. */
const DEATH_SHOWS_WITHIN = 30_000;

/** From when on a channel and its listeners count: what was said before is nobody's. */
export class Beginning {
  /** Ended when a channel that was heard for the first time is unheard. */
  #firstHeard: AbortController | undefined;

  constructor(
    private readonly channel: string,
    private readonly options: Pick<SearchOptions, 'positions' | 'readHistory' | 'clock'>,
  ) {}

  /** A listener is there from `now` on, in unix seconds, unless it has been before. */
  admit(reception: Reception, now: number): void {
    const { channel } = this;
    const { positions } = this.options;
    // Of several copies the one that leads has the say: there the listener may have been since long before.
    if (!positions.areOurs) positions.join(channel, reception.id, now);
    else reception.joins(channel, (listener) => positions.join(channel, listener, now));
  }

  /** Another copy leads. If it is lost before it has saved anything of the channel, the channel begins `now`. */
  note(receptions: Iterable<Reception>, now: number): void {
    for (const reception of receptions) this.admit(reception, now);
    const line = lineOf(this.channel, {});
    if (line !== undefined) this.options.positions.advance(this.channel, line, now);
  }

  /**
   * The channel is heard for the first time: nothing was missed. ChatApp's times are whole seconds, so what was said
   * in this second before we listened is noted, lest a later recovery takes it for news. That waits until it is certain
   * that we were heard all the time: what was said after we had begun may be among it, and a dead socket brings nothing.
   * @param onBegun called once the channel has a position, before the history is read
   */
  async begin(now: number, onBegun: () => void): Promise<void> {
    const { channel } = this;
    const { positions, readHistory, clock } = this.options;
    const name = lineOf(channel, {});
    const line = lineNamed(name);
    if (name === undefined || !line) return;
    positions.advance(channel, name, now);
    onBegun();
    const heard = new AbortController();
    this.#firstHeard?.abort();
    this.#firstHeard = heard;
    const missed = await readMissed(readHistory, [{ line, since: now - 1 }]).catch(() => undefined);
    const remember = (): void => {
      for (const { event, item, meta } of missed?.messages ?? []) {
        if (Number(item.time) <= now) positions.advance(channel, name, now, eventKeyOf(event, item, meta));
      }
    };
    // Unheard meanwhile: then these messages may be the first ones that were missed.
    void pause(clock, DEATH_SHOWS_WITHIN, heard.signal).then(remember, () => undefined);
  }

  /** What is being read of the first second says nothing any more. */
  giveUp(): void {
    this.#firstHeard?.abort();
  }
}
