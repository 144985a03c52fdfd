import { eventsOf, type EventName } from '../catalogue';
import type { ChannelAddress, ChannelType } from '../channels';
import type { Id, ItemOf } from '../items';
import { SAMPLES } from '.';

/** What ChatApp would send, unwrapped: for the wire, put it into JSON. */
export interface SampleEnvelope<Name extends EventName = EventName> {
  data: ItemOf[Name][];
  meta: SampleMeta;
}

export interface SampleMeta {
  type: EventName;
  licenseId?: Id;
  messengerType?: string;
  companyId?: Id;
  userId?: Id;
}

/**
 * An envelope of the event `name` with sample items, as ChatApp would send it: the meta names the line and messenger,
 * the company or the user, whichever the event is about. What `address` does not tell is invented.
 *
 * @param address where it comes from; an employee's channel carries the events of lines, so these stay invented there
 * @param items the items, by default the event's first sample; they are copied, so the envelope is the caller's own
 */
export function sampleEnvelope<Name extends EventName>(
  name: Name,
  address?: ChannelAddress,
  items: readonly ItemOf[Name][] = [SAMPLES[name][0]],
): SampleEnvelope<Name> {
  return { data: structuredClone([...items]), meta: metaOf(name, { ...invented(name), ...address }) };
}

type Origin = Readonly<Record<'licenseId' | 'messengerType' | 'companyId' | 'userId', string>>;

/** Where a sample of an event comes from that nobody has said anything else of. */
export function invented(name: EventName): Origin {
  return { licenseId: '50718', messengerType: MESSENGERS[name] ?? 'grWhatsApp', companyId: '3306', userId: '9041' };
}

/** Where a sample only makes sense on another messenger than the usual one. */
const MESSENGERS: Readonly<Partial<Record<EventName, string>>> = {
  chatConversation: 'caWhatsApp',
  chatParticipantAdd: 'telegramBot',
  chatParticipantDestroy: 'telegramBot',
  messageImport: 'telegram',
};

/** ChatApp writes these as strings where it writes the others as numbers. Readers have to accept both. */
const LINE_AS_TEXT: readonly EventName[] = ['chatRead', 'chatUnread'];

function metaOf(name: EventName, origin: Origin): SampleMeta {
  const line = {
    licenseId: LINE_AS_TEXT.includes(name) ? origin.licenseId : wireId(origin.licenseId),
    messengerType: origin.messengerType,
  };
  const company = { companyId: wireId(origin.companyId) };
  if (name === 'messageImport') return { type: name, ...line, ...company };
  if (comesOn('messenger', name)) return { type: name, ...line };
  if (comesOn('company', name)) return { type: name, ...company };
  return { type: name, userId: origin.userId };
}

function comesOn(type: ChannelType, name: EventName): boolean {
  return eventsOf(type).some((entry) => entry.name === name);
}

/** A number, as ChatApp sends most ids; the text itself where a number would not keep every digit. */
function wireId(text: string): Id {
  const number = Number(text);
  return String(number) === text && Number.isSafeInteger(number) ? number : text;
}
