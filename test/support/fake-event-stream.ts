import { setImmediate as turn } from 'node:timers/promises';
import type { EventHeader } from '../../src/cluster/event-message';
import { decodeEvent } from '../../src/cluster/event-message';
import type { EventStream } from '../../src/cluster/subject-publisher';

export interface StoredEvent {
  readonly sequence: number;
  readonly subject: string;
  readonly id: string;
  readonly header: EventHeader;
  readonly body: Uint8Array;
}

/** A stream in memory, as NATS has it: with sequences, and with messages that are taken once by their ids. */
export class FakeEventStream implements EventStream {
  readonly stored: StoredEvent[] = [];
  /** What happens instead of the next answers: the message is stored all the same, or not. */
  readonly failures: ('lostAnswer' | 'refused' | RangeError)[] = [];
  /** Called before a message is stored. */
  beforePublish: () => void = () => undefined;

  /** The ids of the items in the stream, in order, with the listener that gets them. */
  get items(): string[] {
    return this.stored.map(textOf);
  }

  /** The same of those that an instance has published. */
  itemsOf(instance: string): string[] {
    return this.stored.filter(({ header }) => header.instance === instance).map(textOf);
  }

  async latest(subject: string): Promise<{ sequence: number; id: string } | undefined> {
    await turn();
    return this.stored.findLast((message) => message.subject === subject);
  }

  async publish(message: Omit<StoredEvent, 'sequence'>, after: number): Promise<number | undefined> {
    await turn();
    this.beforePublish();
    const failure = this.failures.shift();
    if (failure instanceof RangeError) throw failure;
    if (failure === 'refused') throw new Error('no answer');
    const known = this.stored.find(({ id }) => id === message.id);
    if (known) return known.sequence;
    const latest = this.stored.findLast(({ subject }) => subject === message.subject)?.sequence ?? 0;
    if (latest !== after) return undefined;
    const sequence = this.add(message);
    if (failure === 'lostAnswer') throw new Error('no answer');
    return sequence;
  }

  /** Somebody else publishes. */
  add(message: Omit<StoredEvent, 'sequence'>): number {
    const sequence = this.stored.length + 1;
    this.stored.push({ ...message, sequence });
    return sequence;
  }
}

function textOf({ subject, body }: StoredEvent): string {
  return `${subject.split('.').at(-2) ?? ''}: ${String(decodeEvent(body)?.item.id)}`;
}
