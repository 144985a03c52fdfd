import { text } from '../page/text';

/** The largest unit first: in ms, and its name for `Intl`. */
const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

/** In ms. */
const NOW = 1_500;

/** Words for times in the editor's language. `serverTime` is Node-RED's, so that a wrong clock of this machine does no harm. */
export class Times {
  private readonly relative: Intl.RelativeTimeFormat;
  private readonly clock: Intl.DateTimeFormat;
  private readonly calendar: Intl.DateTimeFormat;

  constructor(private readonly serverTime: number | undefined) {
    const language = RED.i18n.lang();
    this.relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
    this.clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
    this.calendar = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  }

  /** `3 min. ago`, `in 20 sec.`; the time of day if nobody knows what time it is now. */
  ago(at: number): string {
    if (this.serverTime === undefined) return this.clock.format(at);
    const distance = at - this.serverTime;
    // Half a second more or less is no change.
    if (Math.abs(distance) < NOW) return text('chatapp-sidebar.time.now');
    const [length, unit] = UNITS.find(([ms]) => Math.abs(distance) >= ms) ?? UNITS[3];
    return this.relative.format(Math.trunc(distance / length), unit);
  }

  /** True if it is now, or was before. */
  isDue(at: number): boolean {
    return this.serverTime !== undefined && at - this.serverTime < NOW;
  }

  /** Date and time of day. */
  exact(at: number): string {
    return this.calendar.format(at);
  }

  /** How long ago it was, in ms; 0 if nobody knows. */
  age(at: number): number {
    return this.serverTime === undefined ? 0 : this.serverTime - at;
  }
}

/** `45 s`, `12 min`, `2 h`: how long something takes. */
export function duration(seconds: number): string {
  if (seconds < 90) return text('chatapp-sidebar.time.seconds', { number: Math.max(1, Math.round(seconds)) });
  if (seconds < 5_400) return text('chatapp-sidebar.time.minutes', { number: Math.round(seconds / 60) });
  return text('chatapp-sidebar.time.hours', { number: Math.round(seconds / 3_600) });
}
