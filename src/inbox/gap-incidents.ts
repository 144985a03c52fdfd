import type { Clock, Timer } from '../clock';
import type { Notice } from '../notice';

/** Gaps that open within this time belong together, in ms: a lost socket opens one in each channel. */
const GATHER = 1_000;

interface Incident {
  /** The channels whose gaps are open. */
  readonly open: Set<string>;
  channels: number;
  fetched: number;
  isReported: boolean;
}

/** Reports gaps once for all channels that have lost their source together: when they open, and when the last is closed. */
export class GapIncidents {
  readonly #incidents = new Set<Incident>();
  #latest: Incident | undefined;
  #timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onNotice: (notice: Notice) => void,
  ) {}

  open(channel: string): void {
    this.#latest ??= this.#begin();
    this.#latest.open.add(channel);
    this.#latest.channels += 1;
  }

  /** @param fetched how many messages were missing and were fetched */
  close(channel: string, fetched: number): void {
    for (const incident of this.#incidents) {
      if (!incident.open.delete(channel)) continue;
      incident.fetched += fetched;
      if (incident.open.size === 0 && incident.isReported) this.#end(incident);
    }
  }

  /** Nobody waits for these any more: nothing is reported of them. */
  clear(): void {
    this.#timer?.cancel();
    this.#latest = undefined;
    this.#incidents.clear();
  }

  #begin(): Incident {
    const incident: Incident = { open: new Set(), channels: 0, fetched: 0, isReported: false };
    this.#incidents.add(incident);
    this.#timer = this.clock.after(GATHER, () => {
      this.#latest = undefined;
      incident.isReported = true;
      this.onNotice({ kind: 'gapOpened', channels: incident.channels });
      if (incident.open.size === 0) this.#end(incident);
    });
    return incident;
  }

  #end(incident: Incident): void {
    const { channels, fetched } = incident;
    this.#incidents.delete(incident);
    this.onNotice({ kind: 'gapClosed', channels, fetched });
  }
}
