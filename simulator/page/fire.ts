import { CATALOGUE, sampleEnvelope, SAMPLES } from '../../src/events';
import type { Envelope } from '../contract';
import { isRecord } from '../json';
import type { ChannelChoice } from './channels';

/** An event that the page can fire. */
interface EventChoice {
  readonly name: string;
  readonly group: string;
  readonly meaning: string;
  /** The types of channel that it comes on. */
  readonly channels: readonly string[];
}

export const EVENT_CHOICES: readonly EventChoice[] = CATALOGUE;

/** Makes envelopes out of the catalogue's samples, each a little different from the one before. */
export class SampleMaker {
  readonly #now: () => number;
  readonly #fired = new Map<string, number>();

  /** `now` in ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The next sample of an event, or undefined where there is no such event. */
  next(eventName: string, { about }: ChannelChoice): Envelope | undefined {
    const entry = CATALOGUE.find(({ name }) => name === eventName);
    if (!entry) return undefined;
    const count = this.#fired.get(entry.name) ?? 0;
    this.#fired.set(entry.name, count + 1);
    const samples = SAMPLES[entry.name];
    const item = samples[count % samples.length] ?? samples[0];
    const { meta } = sampleEnvelope(entry.name, about);
    return { data: [this.#fresh(entry.name, item, count)], meta: { ...meta } };
  }

  /** A second message with the same id and time would be taken for the first one come twice. */
  #fresh(eventName: string, item: unknown, count: number): unknown {
    if (!isRecord(item)) return item;
    const time = 'time' in item ? { time: Math.floor(this.#now() / 1000) } : {};
    const isMessage = eventName === 'message' || eventName === 'messageSystem';
    return { ...structuredClone(item), ...time, ...(isMessage ? { id: `fired-${count + 1}-${this.#now()}` } : {}) };
  }
}
