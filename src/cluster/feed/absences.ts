import type { Clock, Timer } from '../../clock';
import type { Reception } from './reception';

/** How long a listener that restarts may be away, in ms: as long as a deploy may take. */
const AWAY = 10_000;

/** A listener that restarts, and the channels whose positions wait for it. */
export interface Absence {
  readonly reception: Reception;
  readonly channels: ReadonlySet<string>;
}

/** Which listeners restart at the moment, and how long their places are kept. */
export class Absences {
  /** By the listener's id. */
  readonly #away = new Map<string, Absence & { readonly timer: Timer }>();

  constructor(private readonly clock: Clock) {}

  /** The listener goes away; `onLate` is called where it is not back within 10 s. */
  begin(reception: Reception, onLate: () => void): void {
    const timer = this.clock.after(AWAY, onLate);
    this.#away.set(reception.id, { reception, channels: reception.channels, timer });
  }

  /** The listener with this id is back, or gone for good; nothing where it was not away. */
  end(id: string | undefined): Absence | undefined {
    const away = id === undefined ? undefined : this.#away.get(id);
    away?.timer.cancel();
    this.#away.delete(id ?? '');
    return away;
  }
}
