import {
  channelName,
  eventsOf,
  isKnownEvent,
  metaFacts,
  readEnvelopes,
  sampleEnvelope,
  type ChannelAddress,
  type EventName,
  type Meta,
} from '../../src/events';
import { channelFacts, deliveriesOf, type Delivery } from '../../src/feed/delivery';
import type { ChannelChoice, LineChoice, Listener } from '../../src/feed/listener';

/** A listener that can send a sample through its flow. */
export interface SampleSender {
  /** Sends a sample of the next of its events, in turn; returns the event's name. */
  sendSample(): string;
}

export function isSampleSender(node: unknown): node is SampleSender {
  return typeof node === 'object' && node !== null && 'sendSample' in node && typeof node.sendSample === 'function';
}

/** Makes what sends samples of a listener's events, in turn; of the first one that its channel has, where none is chosen. */
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
    const delivery = event && isKnownEvent(event) ? sampleOf(event, channel, Date.now()) : undefined;
    if (delivery) send(delivery);
    return event ?? '';
  };
}

/** What the listener would send for a made-up item, as if it had come from its channel at `now` (ms). */
export function sampleOf(event: EventName, choice: ChannelChoice, now: number): Delivery | undefined {
  const { data, meta } = sampleEnvelope(event, addressOf(filledIn(choice, event)));
  const [envelope] = readEnvelopes({ data, meta }).envelopes;
  if (!envelope) return undefined;
  const channel = channelOf(choice, envelope.meta);
  const arrival = { event, channel, facts: channelFacts(channel), receivedAt: now, recovered: false };
  const [delivery] = deliveriesOf(arrival, envelope, { events: [], direction: 'any' });
  return delivery && { ...delivery, sample: true };
}

/** A choice of lines, with what it leaves open made up. */
function filledIn(choice: ChannelChoice, event: EventName): ChannelChoice {
  if (choice.type !== 'messenger') return choice;
  const made = metaFacts({ ...sampleEnvelope(event).meta });
  return { ...made, type: 'messenger', ...onlySet(choice) };
}

function onlySet({ licenseId, messengerType }: LineChoice): Partial<LineChoice> {
  return { ...(licenseId && { licenseId }), ...(messengerType && { messengerType }) };
}

/** Where the choice is one channel; a sample for more, or for a channel that is not chosen yet, is made up. */
function addressOf(choice: ChannelChoice): ChannelAddress | undefined {
  const address: ChannelAddress =
    choice.type === 'messenger'
      ? { type: 'messenger', licenseId: choice.licenseId ?? '', messengerType: choice.messengerType ?? '' }
      : choice;
  try {
    channelName(address);
    return address;
  } catch {
    return undefined;
  }
}

function channelOf(choice: ChannelChoice, meta: Meta): string {
  // On an employee's channel come events of lines, whose meta tells of no company and no user.
  const ofTeam = { ...sampleEnvelope('employeeStatus').meta, ...sampleEnvelope('quickResponse').meta };
  const facts = { ...metaFacts(ofTeam), ...metaFacts(meta) };
  const { licenseId = '', messengerType = '', companyId = '', userId = '' } = facts;
  const address = addressOf(choice) ?? { type: choice.type, licenseId, messengerType, companyId, userId };
  return addressOf(address) ? channelName(address) : '';
}
