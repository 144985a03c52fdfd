/** What ChatApp says: its events, its channels, and how to read what comes. Pure, for Node and browsers alike. */
export { CATALOGUE, EVENT_GROUPS, eventsOf, hasHistory, isAlwaysOut, isKnownEvent } from './catalogue';
export type { CatalogueEntry, EventGroup, EventName } from './catalogue';
export { CHANNEL_TYPES, channelName, isId, isMessengerType, parseChannelName } from './channels';
export type {
  ChannelAddress,
  ChannelType,
  CompanyAddress,
  EmployeeAddress,
  MessengerAddress,
  UserAddress,
} from './channels';
export { readEnvelopes } from './envelope';
export type { Envelope, EnvelopeProblem, EnvelopeReading, Item, Meta } from './envelope';
export { contentHash, EVENT_KEY_VERSION, eventKeyOf } from './event-key';
export type { EventKey, EventSource, LineIds, LiveSource } from './event-key';
export { itemFacts, metaFacts } from './facts';
export type { ItemFacts, MetaFacts } from './facts';
export type * from './items';
export { SAMPLES } from './samples';
export { sampleEnvelope } from './samples/sample-envelope';
export type { SampleEnvelope, SampleMeta } from './samples/sample-envelope';
