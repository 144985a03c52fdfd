import {
  channelName,
  eventsOf,
  isId,
  isKnownEvent,
  isMessengerType,
  metaFacts,
  readEnvelopes,
  sampleEnvelope,
  type ChannelAddress,
  type EventName,
} from '../../src/events';
import { messengerName } from '../../src/api/messenger-names';
import { invented } from '../../src/events/samples/sample-envelope';
import { channelFacts, deliveriesOf, type Delivery } from '../../src/inbox/delivery';
import type { ChannelChoice, Listener } from '../../src/inbox/listener';
import type { Naming } from './message';

/** A listener that can send a sample through its flow. */
export interface SampleSender {
  /** Sends a sample of the next selected event; returns the event's name. */
  sendSample(): string;
}

export function isSampleSender(node: unknown): node is SampleSender {
  return typeof node === 'object' && node !== null && 'sendSample' in node && typeof node.sendSample === 'function';
}

/** Creates a sender of sample events. It goes through the selected events one by one; if none is selected, it sends the first event of the channel. */
export function sampleSender(
  { channel, events }: Pick<Listener, 'channel' | 'events'>,
  send: (delivery: Delivery) => void,
): SampleSender['sendSample'] {
  const names = eventsOf(channel.type).map(({ name }) => name);
  const chosen = names.filter((name) => events.includes(name));
  let turn = 0;
  return () => {
    const turns = chosen.length > 0 ? chosen : names.slice(0, 1);
    const event = turns[turn % turns.length];
    turn += 1;
    const delivery = event && isKnownEvent(event) ? sampleOf(event, channel) : undefined;
    if (delivery) send(delivery);
    return event ?? '';
  };
}

/** The names in a sample: those that are `known`, and for the rest made-up ones. */
export function sampleNaming({ licenseId, messengerType: type }: Delivery, known: Naming = {}): Naming {
  return {
    lineName: known.lineName ?? (licenseId && 'Loja das Flores'),
    messengerName: known.messengerName ?? (type && messengerName({ type })),
    connectionName: known.connectionName ?? 'ChatApp',
  };
}

/** What the listener would send for a made-up item, as if it had come from its channel now. */
export function sampleOf(event: EventName, choice: ChannelChoice): Delivery | undefined {
  const address = addressOf(choice, event);
  const { data, meta } = sampleEnvelope(event, address);
  const [envelope] = readEnvelopes({ data, meta }).envelopes;
  if (!envelope) return undefined;
  const channel = channelName(address);
  const arrival = {
    event,
    channel,
    facts: metaFacts(envelope.meta, channelFacts(channel)),
    receivedAt: Date.now(),
    recovered: false,
  };
  const [delivery] = deliveriesOf(arrival, envelope, { events: [], direction: 'any' });
  return delivery && { ...delivery, sample: true };
}

/** One channel of the choice; what that leaves open, or has wrong, is made up. */
function addressOf(choice: ChannelChoice, event: EventName): ChannelAddress {
  const { type, ...ids } = choice;
  const usable = Object.entries(ids).filter(([name, id]) => (name === 'messengerType' ? isMessengerType : isId)(id));
  return { ...invented(event), ...Object.fromEntries(usable), type };
}
